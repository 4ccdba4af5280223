import { createRemoteJWKSet, type JWTVerifyGetKey } from 'jose'
import { z } from 'zod'
import type { Clock } from './clock.ts'

/** The issuer's keys could not be had: not the caller's fault, and worth trying again. */
export class IssuerUnavailableError extends Error {
  readonly code = 'upstream_unreachable'
}

const Metadata = z.object({ issuer: z.string(), jwks_uri: z.url() })
const TIMEOUT_MS = 5000

/**
 * The issuer's signing keys, found by OpenID discovery (`<issuer>/.well-known/openid-configuration`) when first asked
 * for and kept from then on; a failed discovery is tried again at the next call, one at a time. Throws
 * IssuerUnavailableError.
 */
export function discoverKeys(issuer: string, clock: Clock): JWTVerifyGetKey {
  let keys: Promise<JWTVerifyGetKey> | undefined
  return async (header, token) => {
    keys ??= findKeys(issuer, clock).catch((error: unknown) => {
      keys = undefined
      throw error
    })
    return (await keys)(header, token)
  }
}

async function findKeys(issuer: string, clock: Clock): Promise<JWTVerifyGetKey> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
  try {
    const answer = await fetch(url, { signal: clock.deadline(TIMEOUT_MS), redirect: 'manual' })
    if (!answer.ok) throw new Error(`${url} answered ${answer.status}`)
    const metadata = Metadata.parse(await answer.json())
    if (metadata.issuer !== issuer) throw new Error(`${url} speaks for another issuer, ${metadata.issuer}`)
    return createRemoteJWKSet(new URL(metadata.jwks_uri), { timeoutDuration: TIMEOUT_MS })
  } catch (cause) {
    throw new IssuerUnavailableError(`the issuer ${issuer} does not answer`, { cause })
  }
}
