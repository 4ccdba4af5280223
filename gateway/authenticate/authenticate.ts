import { authorizationOf, presentedOf } from '@micropay/runtime/authorization'
import { ProblemError } from '@micropay/runtime/problem-error'
import { TokenError, type VerifyToken } from '@micropay/runtime/verify-token'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { csrfFault } from './csrf.ts'
import type { EndedSessions } from './ended-sessions.ts'
import type { Idle } from './idle.ts'
import type { CookieJar } from './session-cookie.ts'
import { type Marks, marksOf } from './session-marks.ts'
import type { SessionData, Sessions } from './sessions.ts'

export const SESSION_COOKIE = 'micropay'

declare module 'fastify' {
  interface FastifyRequest {
    /** The Authorization header for the services behind: the caller's own, or of the session. */
    bearer: string
    /** Of the browser's session, where it is by one that is asked. */
    sessionMarks: Marks | undefined
    /** The code of the problem that it is answered with, for the log. */
    problem?: string | undefined
  }
}

export type Authenticator = ReturnType<typeof createAuthenticator>

/**
 * Who calls: by access token, or else by the browser's session, whose changing requests must prove that they come from
 * our pages. A session that was refreshed on the way gets its new cookie with the answer.
 */
export function createAuthenticator(options: {
  readonly verifyToken: VerifyToken
  readonly sessions: Sessions
  readonly ended: EndedSessions
  readonly idle: Idle
  readonly cookies: CookieJar
  readonly publicUrl: URL
}) {
  const { verifyToken, sessions, ended, idle, cookies, publicUrl } = options

  /** The session of the browser's cookie as it is, its token perhaps expired. */
  async function heldSession(request: FastifyRequest): Promise<SessionData> {
    const text = cookies.read(request, SESSION_COOKIE)
    const held = text === undefined ? undefined : await sessions.open(text)
    if (!held)
      throw new TokenError('send the header Authorization: Bearer <access token>, or sign in at /session/login')
    if (await idle.isOver(request, held)) throw new TokenError('the session was not used for too long: sign in again')
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      const fault = csrfFault(request.headers, held.csrfToken, publicUrl)
      if (fault !== undefined) throw new ProblemError('csrf_token_invalid', fault)
    }
    return held
  }

  async function session(request: FastifyRequest, reply: FastifyReply): Promise<SessionData> {
    const held = await heldSession(request)
    const marks = marksOf(held)
    request.sessionMarks = marks
    const { session, text: renewed } = await sessions.fresh(held)
    await idle.note(request, reply, held)
    // A command that is under way is decided, and its outcome told; what is read may last.
    if (request.method === 'GET') ended.watch(marks, reply)
    if (renewed !== undefined) cookies.write(request, reply, SESSION_COOKIE, renewed)
    return session
  }

  async function authenticate(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const authorization = authorizationOf(request)
    request.bearer = authorization ?? `Bearer ${(await session(request, reply)).accessToken}`
    request.caller = await verifyToken(request.bearer, presentedOf(request))
  }

  return { heldSession, session, authenticate }
}
