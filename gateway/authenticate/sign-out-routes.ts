import type { Clock } from '@micropay/runtime/clock'
import { askedBy } from '@micropay/runtime/security-log/note-refusals'
import type { SecurityLog } from '@micropay/runtime/security-log/security-log'
import type { Secret } from '@micropay/runtime/settings/key-ring'
import type { SignedOut } from '@micropay/schemas/api/token'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { messagePage, pageHeaders } from '../serve/page.ts'
import { type Authenticator, SESSION_COOKIE } from './authenticate.ts'
import { type IdTokenHint, SIGN_OUT_PATH } from './id-token-hint.ts'
import type { IdentityProvider } from './identity-provider.ts'
import { USED_COOKIE } from './idle.ts'
import { createSeal } from './sealed-cookie.ts'
import type { CookieJar } from './session-cookie.ts'
import type { SessionData, Sessions } from './sessions.ts'

export const SIGNED_OUT_PATH = '/session/signed-out'
const SIGN_OUT_COOKIE = 'micropay-sign-out'
const SIGN_OUT_SECONDS = 600
const SignOut = z.object({ state: z.string() })
const SignedOutQuery = z.object({ state: z.string() })

/** Nothing of what was shown stays behind on a machine that others use, too. */
const clearAll = { 'clear-site-data': '"cache", "cookies", "storage"' } as const
/** The way back is known by a cookie; and those of an issuer that is of the same site must get there. */
const clearShown = { 'clear-site-data': '"cache", "storage"' } as const

/**
 * POST /session/logout and GET /session/signed-out: how a browser signs out here, then at the issuer where that offers
 * it, and where it comes back to.
 */
export function addSignOutRoutes(
  app: FastifyInstance,
  options: {
    readonly secret: Secret
    readonly provider: IdentityProvider
    readonly sessions: Sessions
    readonly authenticator: Authenticator
    readonly cookies: CookieJar
    readonly hint: IdTokenHint
    readonly clock: Clock
    readonly security: Pick<SecurityLog, 'note'>
  },
): void {
  const { provider, sessions, authenticator, cookies, hint, clock, security } = options
  const seal = createSeal({ secret: options.secret, purpose: 'sign-out', schema: SignOut, nowMs: clock.nowMs })

  /** Where the issuer ends its own session; undefined where it offers that not at all, or not now. */
  async function leadOut(request: FastifyRequest, reply: FastifyReply, session: SessionData) {
    const idToken = await hint.take(request, reply, session)
    const state = clock.randomId()
    try {
      const endSessionUrl = await provider.endSession({ idToken, state })
      if (endSessionUrl === undefined) return undefined
      const text = await seal.seal({ state }, clock.nowMs() + SIGN_OUT_SECONDS * 1000)
      cookies.write(request, reply, SIGN_OUT_COOKIE, text, SIGN_OUT_SECONDS)
      return endSessionUrl
    } catch (error) {
      reply.log.warn({ err: error }, 'somebody was signed out here, and could not be led to the issuer')
      return undefined
    }
  }

  // Asked for before the body is taken, too, which nobody without a session may send.
  const onRequest = async (request: FastifyRequest) => void (await authenticator.heldSession(request))
  app.post(SIGN_OUT_PATH, { onRequest }, async (request, reply) => {
    const session = await authenticator.heldSession(request)
    await sessions.end(session)
    security.note({ ...askedBy(request), event: 'signed_out', subject: session.subject })
    for (const purpose of [SESSION_COOKIE, USED_COOKIE]) cookies.clear(request, reply, purpose)
    const endSessionUrl = await leadOut(request, reply, session)
    if (endSessionUrl === undefined) return reply.headers(clearAll).code(204).send()
    const answer: SignedOut = { endSessionUrl }
    return reply.headers(clearShown).send(answer)
  })

  app.get(SIGNED_OUT_PATH, async (request, reply) => {
    const text = cookies.read(request, SIGN_OUT_COOKIE)
    const known = text === undefined ? undefined : await seal.open(text)
    const query = SignedOutQuery.safeParse(request.query)
    // Another site may lead people here, too: nobody is signed out by that.
    if (!known || query.data?.state !== known.state) return reply.redirect('/', 303)
    cookies.clear(request, reply, SIGN_OUT_COOKIE)
    const way = { href: '/session/login', label: 'Sign in again' }
    const page = messagePage('You are signed out', 'Nothing of what was shown is left in this browser.', way, 'status')
    return reply.headers({ ...pageHeaders, ...clearAll }).send(page)
  })
}
