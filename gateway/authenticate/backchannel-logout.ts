import type { Clock } from '@micropay/runtime/clock'
import { IssuerUnavailableError } from '@micropay/runtime/issuer-keys'
import { ProblemError } from '@micropay/runtime/problem-error'
import { askedBy } from '@micropay/runtime/security-log/note-refusals'
import type { SecurityLog } from '@micropay/runtime/security-log/security-log'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { EndedSessions } from './ended-sessions.ts'
import type { ReadLogoutToken } from './logout-token.ts'
import { endsOf } from './session-marks.ts'

export const BACKCHANNEL_LOGOUT_PATH = '/session/backchannel-logout'
const BODY_LIMIT_BYTES = 16 * 1024

/**
 * POST /session/backchannel-logout, by which the issuer itself says that a session of its own, or all of a person, is
 * over (OpenID Connect Back-Channel Logout 1.0): 200 once that holds at all gateways, and else 400. No cookie is asked
 * for, and none counts.
 */
export function addBackchannelLogout(
  app: FastifyInstance,
  options: {
    readonly read: ReadLogoutToken
    readonly ended: EndedSessions
    /** From signing in to the end of a session. */
    readonly longestMs: number
    readonly clock: Clock
    readonly security: Pick<SecurityLog, 'note'>
  },
): void {
  const { read, ended, longestMs, clock, security } = options

  async function logout(request: FastifyRequest): Promise<void> {
    const told = await read(tokenOf(request))
    const isEverywhere = await ended.end(endsOf(told, clock.nowMs(), longestMs))
    const reason = told.sid === undefined ? 'all sessions of the person' : 'one session'
    security.note({ ...askedBy(request), event: 'signed_out_by_issuer', subject: told.subject, reason })
    if (!isEverywhere) {
      throw new ProblemError('logout_failed', 'it is over at one gateway, and at the others once they can be told')
    }
  }

  app.post(BACKCHANNEL_LOGOUT_PATH, { bodyLimit: BODY_LIMIT_BYTES }, async (request, reply) => {
    try {
      await logout(request)
    } catch (cause) {
      const error = cause instanceof IssuerUnavailableError ? keysAway(cause) : cause
      if (error instanceof ProblemError) {
        security.note({ ...askedBy(request), event: 'logout_failed', problem: error.code, reason: error.message })
      }
      throw error
    }
    return reply.code(200).send()
  })
}

function tokenOf({ headers, body }: FastifyRequest): string {
  const isForm = /^application\/x-www-form-urlencoded *(;|$)/i.test(headers['content-type'] ?? '')
  const tokens = isForm && Buffer.isBuffer(body) ? new URLSearchParams(body.toString()).getAll('logout_token') : []
  const [token] = tokens
  if (token !== undefined && tokens.length === 1) return token
  throw new ProblemError('logout_token_invalid', 'send one logout_token, as application/x-www-form-urlencoded')
}

/** Nobody can tell whether the token is good: the specification has no other answer for that than 400. */
function keysAway(cause: Error): ProblemError {
  return Object.assign(new ProblemError('logout_failed', `${cause.message}: its keys are not known`), { cause })
}
