import { createLocalJWKSet, errors, type JWTVerifyGetKey } from 'jose'
import { z } from 'zod'
import type { Clock } from './clock.ts'

/** The issuer's keys could not be had: not the caller's fault, and worth trying again. */
export class IssuerUnavailableError extends Error {
  readonly code = 'upstream_unreachable'
}

const Metadata = z.object({ issuer: z.string(), jwks_uri: z.url() })
const Keys = z.looseObject({ keys: z.array(z.looseObject({ kty: z.string() })) })
const TIMEOUT_MS = 5_000
/** Keys of this age are asked for again, while those that are known go on being used. */
const FRESH_MS = 10 * 60_000
/** So long known keys are used although the issuer does not answer: they may have been withdrawn meanwhile. */
const STALE_MS = 24 * 60 * 60_000
/**
 * After an attempt that failed, or one for a key that was not known: tokens with made-up key ids would otherwise ask
 * again and again. One that came just before for another reason does not count, so a key that is new is known at once.
 */
const PAUSE_MS = 30_000

type Known = { readonly find: JWTVerifyGetKey; readonly atMs: number }

/**
 * The issuer's signing keys, found by OpenID discovery (`<issuer>/.well-known/openid-configuration`) when first asked
 * for, and again every ten minutes or for a key that is not among them, one at a time. Who has a token of a known key
 * never waits for the issuer: its keys are used for a day without it. Throws IssuerUnavailableError.
 */
export function discoverKeys(issuer: string, clock: Clock): JWTVerifyGetKey {
  let known: Known | undefined
  let asking: Promise<Known> | undefined
  let triedAtMs = Number.NEGATIVE_INFINITY
  let missedAtMs = Number.NEGATIVE_INFINITY
  const ageMs = (sinceMs: number) => clock.monotonicMs() - sinceMs

  function ask(): Promise<Known> {
    triedAtMs = clock.monotonicMs()
    asking ??= findKeys(issuer, clock)
      .then((find) => {
        known = { find, atMs: clock.monotonicMs() }
        return known
      })
      .finally(() => {
        asking = undefined
      })
    return asking
  }
  async function usable(): Promise<Known> {
    if (!known) return ask()
    const age = ageMs(known.atMs)
    const isPaused = ageMs(triedAtMs) < PAUSE_MS
    if (age > STALE_MS) {
      if (isPaused && !asking) throw new IssuerUnavailableError(`the issuer ${issuer} did not answer for a day`)
      return ask()
    }
    // Whoever waits is told of a failure; here it is tried again later.
    if (age > FRESH_MS && !isPaused) ask().catch(() => undefined)
    return known
  }
  return async (header, token) => {
    const keys = await usable()
    try {
      return await keys.find(header, token)
    } catch (error) {
      if (!(error instanceof errors.JOSEError)) throw unusable(issuer, error)
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error
      const hasFailed = triedAtMs > keys.atMs
      if (!asking && ageMs(hasFailed ? triedAtMs : missedAtMs) < PAUSE_MS) {
        throw hasFailed ? unknownWhileAway(issuer, error) : error
      }
      if (!asking) missedAtMs = clock.monotonicMs()
      return (await ask()).find(header, token)
    }
  }
}

/** It does not say what its type and algorithm need. */
function unusable(issuer: string, cause: unknown): IssuerUnavailableError {
  return new IssuerUnavailableError(`a key of the issuer ${issuer} cannot be used`, { cause })
}

/** The last attempt failed: the key may be a new one. */
function unknownWhileAway(issuer: string, cause: Error): IssuerUnavailableError {
  return new IssuerUnavailableError(`the issuer ${issuer} does not answer, and the key of the token is not known`, {
    cause,
  })
}

async function findKeys(issuer: string, clock: Clock): Promise<JWTVerifyGetKey> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
  const signal = clock.deadline(TIMEOUT_MS)
  try {
    const metadata = Metadata.parse(await readJson(url, signal))
    if (metadata.issuer !== issuer) throw new Error(`${url} speaks for another issuer, ${metadata.issuer}`)
    return createLocalJWKSet(Keys.parse(await readJson(metadata.jwks_uri, signal)))
  } catch (cause) {
    throw new IssuerUnavailableError(`the issuer ${issuer} does not answer`, { cause })
  }
}

async function readJson(url: string, signal: AbortSignal): Promise<unknown> {
  const answer = await fetch(url, { signal, redirect: 'manual' })
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`)
  return answer.json()
}
