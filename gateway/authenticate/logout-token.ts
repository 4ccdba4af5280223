import type { Clock } from '@micropay/runtime/clock'
import { discoverKeys, IssuerUnavailableError } from '@micropay/runtime/issuer-keys'
import { ProblemError } from '@micropay/runtime/problem-error'
import { decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from 'jose'
import { z } from 'zod'
import type { SharedMemory } from '../share/shared-memory.ts'
import { rememberOnce } from './remember-once.ts'
import type { Logout } from './session-marks.ts'

export type LogoutTokenRules = {
  readonly issuer: string
  /** The gateway's client at the issuer. */
  readonly clientId: string
  /** By which the issuer may sign. */
  readonly algorithms: readonly string[]
  readonly clock: Clock
  /** Where gateways of a site remember what was used, if they share such a thing. */
  readonly shared: Pick<SharedMemory, 'add'> | undefined
}
export type ReadLogoutToken = (token: string) => Promise<Logout>

/** So far the issuer's clock may be ahead of ours. Nothing is added to the end of a token. */
const AHEAD_SECONDS = 10
/** From `iat` to `exp`: so long each is remembered. Issuers are told to take two minutes. */
const LIFE_SECONDS = 24 * 60 * 60
const MOST_TOKENS = 100_000

const Text = z.string().min(1).max(255)
const NumericDate = z.number().min(0).max(1e11)
/** `nonce` tells an ID token: it must not be there. */
const Claims = z.object({
  aud: z.union([z.string(), z.array(z.string()).length(1)]),
  ...{ iat: NumericDate, exp: NumericDate, jti: Text, sub: Text.optional(), sid: Text.optional() },
  events: z.object({ 'http://schemas.openid.net/event/backchannel-logout': z.object({}) }),
  nonce: z.undefined().optional(),
})

/**
 * Reads logout tokens as OpenID Connect Back-Channel Logout 1.0 (2.4, 2.6) has them: signed by the issuer for this
 * client alone, in their time, each once, and of no other type if they name one. Throws ProblemError
 * `logout_token_invalid`, with a sentence that says what is wrong, and IssuerUnavailableError.
 */
export function createLogoutTokenReader(rules: LogoutTokenRules): ReadLogoutToken {
  const { clock } = rules
  const keys = discoverKeys(rules.issuer, clock)
  const what = { set: 'used-logout-tokens', called: 'logout tokens', most: MOST_TOKENS }
  const isNew = rememberOnce(what, clock, rules.shared)

  async function verified(token: string): Promise<JWTPayload> {
    try {
      const { typ } = decodeProtectedHeader(token)
      const { payload } = await jwtVerify(token, keys, {
        ...{ issuer: rules.issuer, audience: rules.clientId, algorithms: [...rules.algorithms] },
        ...{ currentDate: new Date(clock.nowMs()), ...(typ === undefined ? {} : { typ: 'logout+jwt' }) },
      })
      return payload
    } catch (cause) {
      if (cause instanceof IssuerUnavailableError) throw cause
      throw refusal(cause instanceof errors.JOSEError ? inFixedWords(cause) : 'it cannot be read')
    }
  }

  return async (token) => {
    const claims = Claims.safeParse(await verified(token))
    if (!claims.success) {
      throw refusal(`its claim "${String(claims.error.issues[0]?.path[0])}" is missing, malformed or not to be there`)
    }
    const { iat, exp, jti, sub, sid } = claims.data
    if (sub === undefined && sid === undefined) throw refusal('it names neither a session nor a person')
    if (iat > clock.nowMs() / 1000 + AHEAD_SECONDS) throw refusal('it says that it was issued in the future')
    if (exp - iat > LIFE_SECONDS) throw refusal('it may live a day, from "iat" to "exp"')
    if (!(await isNew(jti, exp * 1000))) throw refusal('it was used before')
    return { sid, subject: sub, issuedAtSeconds: iat }
  }
}

/** What is refused stands in the security log, where nothing stands that a caller chose. */
function inFixedWords({ message }: Error): string {
  return message.startsWith('Extension Header Parameter') ? 'it has an extension that is not known here' : message
}

function refusal(reason: string): ProblemError {
  return new ProblemError('logout_token_invalid', `the logout token is not accepted: ${reason}`)
}
