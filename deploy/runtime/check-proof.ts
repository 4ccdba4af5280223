import { createHash } from 'node:crypto'
import { calculateJwkThumbprint, EmbeddedJWK, errors, jwtVerify } from 'jose'
import { z } from 'zod'
import type { Clock } from './clock.ts'

/** What came with a token that is bound: the header `DPoP`, the request that it must be about, and a certificate. */
export type Presented = {
  readonly proof: string | undefined
  readonly method: string
  /** The request's target: a path, with its query. */
  readonly target: string
  /** The thumbprint of the certificate whose key its caller holds. */
  readonly certificate?: string | undefined
}

/** Whether a proof comes for the first time; it has to be known until then. */
export type IsNewProof = (id: string, untilMs: number) => Promise<boolean>

export type ProofRules = {
  readonly clock: Clock
  /** What is asked at the door: the address under which callers reach it, and that each proof is used once. */
  readonly door?: { readonly origin: string; readonly isNew: IsNewProof } | undefined
}

export const PROOF_ALGORITHMS = ['ES256', 'PS256', 'EdDSA', 'Ed25519'] as const

/** So old a proof may be: it was made for this very request. */
const OLD_SECONDS = 60
/** And so much older behind the door, where a request may have waited for its service. */
const WAITED_SECONDS = 120
const AHEAD_SECONDS = 10

const ProofClaims = z.object({
  jti: z.string().min(1),
  htm: z.string(),
  htu: z.string(),
  iat: z.number(),
  ath: z.string(),
})

/**
 * What is wrong with the proof that a request holds the key of its token (RFC 9449, 4.3 and 7.1): undefined when
 * nothing is. Behind the door the address is that of the path alone, and nobody remembers proofs: it has seen to both.
 */
export async function proofFault(
  { proof, method, target }: Omit<Presented, 'certificate'>,
  token: string,
  thumbprint: string,
  { clock, door }: ProofRules,
): Promise<string | undefined> {
  if (proof === undefined) return 'send the header DPoP with a proof made for this request'
  const read = await readProof(proof, clock)
  if (typeof read === 'string') return read
  const { claims, keyThumbprint } = read
  const nowSeconds = clock.nowMs() / 1000
  if (keyThumbprint !== thumbprint) return 'the proof is signed by another key than the token is bound to'
  if (claims.ath !== createHash('sha256').update(token).digest('base64url')) return 'the proof is for another token'
  if (claims.htm !== method) return `the proof is for ${claims.htm}, and the request is ${method}`
  const meant = addressOf(claims.htu)
  const path = normalized(target.split('?')[0] ?? '')
  if (!meant || meant.path !== path || (door && meant.origin !== door.origin)) {
    return `the proof is for another address: "htu" must be ${door?.origin ?? ''}${path}`
  }
  if (claims.iat > nowSeconds + AHEAD_SECONDS) return 'the proof was made in the future: set the clock'
  const lastsSeconds = OLD_SECONDS + (door ? 0 : WAITED_SECONDS)
  if (claims.iat + lastsSeconds < nowSeconds) return `the proof is older than ${lastsSeconds} s: make one a request`
  if (!door) return undefined
  const id = createHash('sha256').update(`${thumbprint} ${claims.jti}`).digest('base64url')
  const isNew = await door.isNew(id, (claims.iat + lastsSeconds) * 1000)
  return isNew ? undefined : 'the proof was used before: make one a request'
}

type Proof = { readonly claims: z.infer<typeof ProofClaims>; readonly keyThumbprint: string }

async function readProof(proof: string, clock: Clock): Promise<Proof | string> {
  try {
    const { payload, protectedHeader } = await jwtVerify(proof, EmbeddedJWK, {
      ...{ typ: 'dpop+jwt', algorithms: [...PROOF_ALGORITHMS] },
      ...{ currentDate: new Date(clock.nowMs()), clockTolerance: AHEAD_SECONDS },
    })
    const claims = ProofClaims.safeParse(payload)
    if (!claims.success)
      return `the claim "${String(claims.error.issues[0]?.path[0])}" of the proof is missing or malformed`
    const { jwk } = protectedHeader
    if (!jwk) return 'the proof does not hold its key'
    if ('d' in jwk || 'k' in jwk) return 'the proof holds a private key: nobody else may ever see that one'
    return { claims: claims.data, keyThumbprint: await calculateJwkThumbprint(jwk, 'sha256') }
  } catch (cause) {
    return `the proof is not accepted: ${cause instanceof errors.JOSEError ? cause.message : 'it cannot be read'}`
  }
}

function addressOf(text: string): { readonly origin: string; readonly path: string } | undefined {
  const url = URL.parse(text)
  return url ? { origin: url.origin, path: normalized(url.pathname) } : undefined
}

/** As RFC 3986 (6.2.2) has it: what is encoded without need is decoded, and the rest is in capitals. */
function normalized(path: string): string {
  return path.replace(/%[0-9a-f]{2}/gi, (encoded) => {
    const character = String.fromCharCode(Number.parseInt(encoded.slice(1), 16))
    return /[A-Za-z0-9._~-]/.test(character) ? character : encoded.toUpperCase()
  })
}
