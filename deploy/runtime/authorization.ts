import { PROOF_ALGORITHMS, type Presented } from './check-proof.ts'
import { CLIENT_CERT, thumbprintIn } from './client-certificate.ts'
import type { StepUp } from './step-up.ts'
import { timesSent } from './times-sent.ts'
import { TokenError, type TokenFault } from './verify-token.ts'

/** What is read of a request to find out who calls; the gateway and the services behind it read it alike. */
export type Asked = {
  readonly headers: {
    readonly authorization?: string | undefined
    readonly dpop?: string | string[] | undefined
    readonly [CLIENT_CERT]?: string | string[] | undefined
  }
  readonly method: string
  readonly url: string
  readonly raw: { readonly rawHeaders: readonly string[] }
}

/**
 * The request's Authorization header. Of two Node keeps the first, and what stands before us may have kept the other:
 * so they are refused, as RFC 6750 has it for who is named in more than one way. Throws TokenError.
 */
export function authorizationOf({ headers, raw }: Asked): string | undefined {
  if (timesSent(raw.rawHeaders, 'authorization') > 1)
    throw new TokenError('send one Authorization header, not several', { fault: 'invalid_request' })
  return headers.authorization
}

/**
 * What a token that is bound is judged by. Node joins several proofs to one, which is none. The certificate is what the
 * gateway found: behind it stands who is let in by it alone, and at its door nobody else's word is left.
 */
export function presentedOf({ headers, method, url }: Asked): Presented {
  return { proof: headers.dpop?.toString(), method, target: url, certificate: thumbprintIn(headers[CLIENT_CERT]) }
}

const algs = `algs="${PROOF_ALGORITHMS.join(' ')}"`

/** The WWW-Authenticate of a 401, or of a 400 for what is no way to say who calls: in the scheme that was used. */
export function challengeOf(fault: TokenFault | undefined, asked: Asked): string {
  if (fault === undefined) return `Bearer, DPoP ${algs}`
  return isByProof(asked) ? `DPoP error="${fault}", ${algs}` : `Bearer error="${fault}"`
}

/** Of a 403: the scope that would do, the least one where one of several is enough. */
export function scopeChallenge(scopes: readonly string[], asked: Asked): string {
  const said = `error="insufficient_scope", scope="${scopes[0]}"`
  return isByProof(asked) ? `DPoP ${said}, ${algs}` : `Bearer ${said}`
}

/** Of a 401 to who has to prove anew, and better, who they are (RFC 9470, 3). */
export function stepUpChallenge({ acrValues, maxAgeSeconds }: StepUp, asked: Asked): string {
  const wanted = `acr_values="${acrValues.join(' ')}", max_age="${maxAgeSeconds}"`
  const said = `error="insufficient_user_authentication", ${wanted}`
  return isByProof(asked) ? `DPoP ${said}, ${algs}` : `Bearer ${said}`
}

function isByProof({ headers }: Asked): boolean {
  return /^dpop /i.test(headers.authorization ?? '')
}
