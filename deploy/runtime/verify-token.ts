import { paymentDetailsIn } from '@micropay/schemas/api/confirmation'
import { AccessTokenClaims, type Caller } from '@micropay/schemas/api/token'
import { errors, type JWTVerifyGetKey, jwtVerify } from 'jose'
import { z } from 'zod'
import { type Presented, type ProofRules, proofFault } from './check-proof.ts'
import type { Clock } from './clock.ts'
import { discoverKeys, IssuerUnavailableError } from './issuer-keys.ts'

/** Who calls, by the Authorization header, and what came with it; without the latter a bound token is refused. */
export type VerifyToken = (authorization: string | undefined, presented?: Presented) => Promise<Caller>

/** As RFC 6750 (3.1) and RFC 9449 (7.1) call it; undefined where no token was sent at all, which is no mistake. */
export type TokenFault = 'invalid_request' | 'invalid_token' | 'invalid_dpop_proof'

/** A request that does not say who calls, or not in a way that is taken. */
export class TokenError extends Error {
  readonly code = 'unauthenticated'
  readonly fault: TokenFault | undefined

  constructor(message: string, options: ErrorOptions & { readonly fault?: TokenFault } = {}) {
    super(message, options)
    this.fault = options.fault
  }
}

/** RS256 is not among them: FAPI 2.0 (5.4) leaves out its padding, which has a history. */
export const TOKEN_ALGORITHMS = ['ES256', 'PS256', 'EdDSA', 'Ed25519'] as const

const CACHED_TOKENS = 10_000
const CACHED_MS = 10 * 60_000
/** So far the issuer's clock may be ahead of ours. Nothing is added to the end of a token. */
const AHEAD_SECONDS = 10
/** From `iat` to `exp`: one that lives longer could be used long after its person lost the right to it. */
const LIFE_SECONDS = 24 * 60 * 60

export type TokenRules = {
  readonly issuer: string
  readonly audience: string
  readonly clock: Clock
  /** By which the issuer may sign; by default TOKEN_ALGORITHMS. */
  readonly algorithms?: readonly string[]
  /** What is asked of the proofs of bound tokens where callers come in; left out behind that door. */
  readonly door?: ProofRules['door']
}

/** What a token says, and the thumbprints of the key, the certificate, or both, that it is bound to. */
type Verified = { readonly caller: Caller; readonly boundTo: Bound }
type Bound = { readonly key?: string | undefined; readonly certificate?: string | undefined }

/**
 * Checks an access token as RFC 9068 has it: its type, the signature by the issuer's keys, issuer, audience, times, and
 * every claim. One that is bound to a key (RFC 9449) comes by the scheme `DPoP` with a proof, any other as `Bearer`;
 * one that is bound to a certificate (RFC 8705) comes by TLS with that one. A token that was checked is remembered for
 * ten minutes at most, so that a key that the issuer has withdrawn is of no use for longer. Throws TokenError, with a
 * sentence that says what is wrong.
 */
export function createTokenVerifier(rules: TokenRules): VerifyToken {
  const { clock } = rules
  const keys = discoverKeys(rules.issuer, clock)
  const known = new Map<string, Verified & { readonly untilMs: number }>()
  return async (authorization, presented) => {
    const { scheme, token } = credentialsOf(authorization)
    const { caller, boundTo } = await verified(token)
    if (boundTo.certificate !== undefined && boundTo.certificate !== presented?.certificate)
      throw refusal('the token is bound to a certificate: come by TLS with that one, whose key only its holder has')
    if (scheme === 'bearer') {
      if (boundTo.key !== undefined)
        throw refusal('the token is bound to a key: send it by the scheme DPoP, with a proof')
      return caller
    }
    if (boundTo.key === undefined) throw refusal('the token is bound to no key: send it as Bearer')
    if (!presented) throw refusal('a token that is bound to a key is of no use here')
    const fault = await proofFault(presented, token, boundTo.key, rules)
    if (fault !== undefined) throw new TokenError(fault, { fault: 'invalid_dpop_proof' })
    return caller
  }

  async function verified(token: string): Promise<Verified> {
    const cached = known.get(token)
    if (cached && cached.untilMs > clock.nowMs()) return cached
    const checked = await verify(token, keys, rules)
    if (known.size >= CACHED_TOKENS) known.delete(known.keys().next().value ?? '')
    known.set(token, { ...checked, untilMs: Math.min(checked.caller.expiresAt, clock.nowMs() + CACHED_MS) })
    return checked
  }
}

const EXPIRED = 'the token has expired: get a new one from the issuer'

function refusal(message: string, cause?: unknown): TokenError {
  return new TokenError(message, { fault: 'invalid_token', cause })
}

function credentialsOf(authorization: string | undefined) {
  if (!authorization) throw new TokenError('send the header Authorization: Bearer <access token>')
  const named = /^(bearer|dpop)(?: |$)/i.exec(authorization)?.[1]
  if (named === undefined) throw new TokenError('the Authorization header must be of the scheme Bearer or DPoP')
  return { scheme: named.toLowerCase(), token: authorization.slice(named.length + 1) }
}

async function verify(token: string, keys: JWTVerifyGetKey, rules: TokenRules): Promise<Verified> {
  const claims = await claimsOf(token, keys, rules)
  const fault = timeFault(claims, rules.clock.nowMs() / 1000)
  if (fault !== undefined) throw refusal(fault)
  const caller = {
    subject: claims.sub,
    client: claims.client_id,
    tenant: claims.tenant,
    scopes: new Set(claims.scope.split(' ')),
    expiresAt: claims.exp * 1000,
    ...authenticationIn(claims),
  }
  return { caller, boundTo: claims.cnf ? boundBy(claims.cnf) : {} }
}

function authenticationIn({ acr, auth_time, authorization_details = [] }: AccessTokenClaims) {
  if (acr === undefined || auth_time === undefined) return {}
  const confirmed = paymentDetailsIn(authorization_details)
  return { authentication: { acr, atMs: auth_time * 1000 }, ...(confirmed.length === 0 ? {} : { confirmed }) }
}

async function claimsOf(token: string, keys: JWTVerifyGetKey, rules: TokenRules): Promise<AccessTokenClaims> {
  const { issuer, audience, clock, algorithms = TOKEN_ALGORITHMS } = rules
  try {
    const { payload } = await jwtVerify(token, keys, {
      ...{ issuer, audience, typ: 'at+jwt', algorithms: [...algorithms] },
      ...{ currentDate: new Date(clock.nowMs()), clockTolerance: AHEAD_SECONDS },
    })
    const claims = AccessTokenClaims.safeParse(payload)
    if (claims.success) return claims.data
    throw refusal(
      `the token is not accepted: its claim "${String(claims.error.issues[0]?.path[0])}" is missing or malformed`,
    )
  } catch (cause) {
    if (cause instanceof TokenError || cause instanceof IssuerUnavailableError) throw cause
    if (cause instanceof errors.JWTExpired) throw refusal(EXPIRED, cause)
    const reason = cause instanceof errors.JOSEError ? cause.message : 'it cannot be read'
    throw refusal(`the token is not accepted: ${reason}`, cause)
  }
}

const Confirmation = z.strictObject({ jkt: z.string().optional(), 'x5t#S256': z.string().optional() })

/** Whoever holds a token that is bound in another way cannot show that here. */
function boundBy(confirmation: NonNullable<AccessTokenClaims['cnf']>): Bound {
  const { jkt: key, 'x5t#S256': certificate } = Confirmation.safeParse(confirmation).data ?? {}
  if (key !== undefined || certificate !== undefined) return { key, certificate }
  throw refusal('the token is bound by what is not taken here: only "jkt" of DPoP and "x5t#S256" of TLS are')
}

function timeFault({ exp, iat }: AccessTokenClaims, nowSeconds: number): string | undefined {
  if (exp <= nowSeconds) return EXPIRED
  if (iat > nowSeconds + AHEAD_SECONDS) return 'the token is not accepted: it says that it was issued in the future'
  if (exp - iat > LIFE_SECONDS) return 'the token is not accepted: one may live a day, from "iat" to "exp"'
  return undefined
}
