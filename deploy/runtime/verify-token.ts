import { AccessTokenClaims, type Caller } from '@micropay/schemas/api/token'
import { errors, type JWTVerifyGetKey, jwtVerify } from 'jose'
import type { Clock } from './clock.ts'
import { discoverKeys, IssuerUnavailableError } from './issuer-keys.ts'

export type VerifyToken = (authorization: string | undefined) => Promise<Caller>

export class TokenError extends Error {
  readonly code = 'unauthenticated'
}

const CACHED_TOKENS = 10_000

/**
 * Checks a `Bearer` access token: signature by the issuer's keys, issuer, audience, time, and the claims that we need
 * (RFC 9068). A token that was checked is remembered until it expires. Throws TokenError, with a sentence that says
 * what is wrong.
 */
export function createTokenVerifier(options: {
  readonly issuer: string
  readonly audience: string
  readonly clock: Clock
  readonly keys?: JWTVerifyGetKey
}): VerifyToken {
  const { issuer, audience, clock } = options
  const keys = options.keys ?? discoverKeys(issuer, clock)
  const known = new Map<string, Caller>()
  return async (authorization) => {
    const token = bearerOf(authorization)
    const cached = known.get(token)
    if (cached) {
      if (cached.expiresAt > clock.nowMs()) return cached
      known.delete(token)
      throw new TokenError('the token has expired: get a new one from the issuer')
    }
    const caller = await verify(token, keys, { issuer, audience, currentDate: new Date(clock.nowMs()) })
    if (known.size >= CACHED_TOKENS) known.delete(known.keys().next().value ?? '')
    known.set(token, caller)
    return caller
  }
}

function bearerOf(authorization: string | undefined): string {
  if (!authorization) throw new TokenError('send the header Authorization: Bearer <access token>')
  if (!/^bearer /i.test(authorization)) throw new TokenError('the Authorization header must be of the Bearer scheme')
  return authorization.slice(7)
}

async function verify(
  token: string,
  keys: JWTVerifyGetKey,
  expected: { readonly issuer: string; readonly audience: string; readonly currentDate: Date },
): Promise<Caller> {
  try {
    const { payload } = await jwtVerify(token, keys, {
      ...expected,
      algorithms: ['ES256', 'RS256', 'PS256', 'EdDSA'],
    })
    const claims = AccessTokenClaims.parse(payload)
    return {
      subject: claims.sub,
      client: claims.client_id,
      tenant: claims.tenant,
      scopes: new Set(claims.scope.split(' ')),
      expiresAt: claims.exp * 1000,
    }
  } catch (cause) {
    if (cause instanceof errors.JWTExpired)
      throw new TokenError('the token has expired: get a new one from the issuer', { cause })
    if (cause instanceof IssuerUnavailableError) throw cause
    if (isUnreachable(cause)) throw new IssuerUnavailableError('the issuer does not tell its keys', { cause })
    const reason = cause instanceof errors.JOSEError ? cause.message : 'a claim is missing or malformed'
    throw new TokenError(`the token is not accepted: ${reason}`, { cause })
  }
}

/** jose has no error of its own for a JWKS that answers with another status or no JSON: it is the plain JOSEError. */
function isUnreachable(cause: unknown): boolean {
  if (cause instanceof errors.JWKSTimeout || cause instanceof TypeError) return true
  return cause instanceof errors.JWKSInvalid || (cause instanceof errors.JOSEError && cause.code === 'ERR_JOSE_GENERIC')
}
