import type { Clock } from '@micropay/runtime/clock'
import { IssuerUnavailableError } from '@micropay/runtime/issuer-keys'
import { askedBy } from '@micropay/runtime/security-log/note-refusals'
import type { SecurityLog } from '@micropay/runtime/security-log/security-log'
import type { Secret } from '@micropay/runtime/settings/key-ring'
import { TokenError, type VerifyToken } from '@micropay/runtime/verify-token'
import type { Session } from '@micropay/schemas/api/token'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { z } from 'zod'
import { messagePage, pageHeaders } from '../serve/page.ts'
import { type Authenticator, SESSION_COOKIE } from './authenticate.ts'
import type { IdTokenHint } from './id-token-hint.ts'
import { type IdentityProvider, SignInRefusedError } from './identity-provider.ts'
import { returnPathOf } from './return-path.ts'
import { createSeal } from './sealed-cookie.ts'
import type { CookieJar } from './session-cookie.ts'
import type { Sessions } from './sessions.ts'

const SIGN_IN_COOKIE = 'micropay-sign-in'
const SIGN_IN_SECONDS = 600
const SignIn = z.object({ state: z.string(), nonce: z.string(), verifier: z.string(), returnTo: z.string() })
const LoginQuery = z.object({ returnTo: z.unknown().optional() })

/** GET /session, GET /session/login and GET /session/callback: how a browser signs in, and asks who it is. */
export function addSessionRoutes(
  app: FastifyInstance,
  options: {
    readonly secret: Secret
    readonly provider: IdentityProvider
    readonly sessions: Sessions
    readonly authenticator: Authenticator
    readonly cookies: CookieJar
    readonly hint: IdTokenHint
    readonly verifyToken: VerifyToken
    readonly publicUrl: URL
    readonly clock: Clock
    readonly security: Pick<SecurityLog, 'note'>
  },
): void {
  const { provider, sessions, authenticator, cookies, hint, verifyToken, publicUrl, clock, security } = options
  const seal = createSeal({ secret: options.secret, purpose: 'sign-in', schema: SignIn, nowMs: clock.nowMs })

  app.get('/session', async (request, reply): Promise<Session> => {
    const session = await authenticator.session(request, reply)
    const caller = await verifyToken(`Bearer ${session.accessToken}`)
    return {
      subject: session.subject,
      name: session.name,
      scopes: [...caller.scopes],
      csrfToken: session.csrfToken,
      expiresAt: new Date(session.endsAtMs).toISOString(),
    }
  })

  app.get('/session/login', async (request, reply) => {
    const returnTo = returnPathOf(LoginQuery.parse(request.query).returnTo, publicUrl)
    try {
      const { url, ...checks } = await provider.start()
      const text = await seal.seal({ ...checks, returnTo }, clock.nowMs() + SIGN_IN_SECONDS * 1000)
      cookies.write(request, reply, SIGN_IN_COOKIE, text, SIGN_IN_SECONDS)
      return reply.redirect(url, 303)
    } catch (error) {
      return sendFailure(reply, error, returnTo)
    }
  })

  app.get('/session/callback', async (request, reply) => {
    const text = cookies.read(request, SIGN_IN_COOKIE)
    const signIn = text === undefined ? undefined : await seal.open(text)
    cookies.clear(request, reply, SIGN_IN_COOKIE)
    try {
      if (!signIn) throw new SignInRefusedError('this browser did not ask to sign in, or more than ten minutes ago')
      const tokens = await provider.finish(new URL(request.url, publicUrl), signIn)
      const { text: sealed, session } = await sessions.begin(tokens)
      security.note({ ...askedBy(request), event: 'signed_in', subject: session.subject })
      cookies.write(request, reply, SESSION_COOKIE, sealed)
      await hint.keep(request, reply, session, tokens.idToken)
      return reply.redirect(signIn.returnTo, 303)
    } catch (error) {
      const reason = isRefusal(error) ? error.message : 'the issuer does not answer'
      security.note({ ...askedBy(request), event: 'sign_in_failed', reason })
      return sendFailure(reply, error, signIn?.returnTo ?? '/')
    }
  })
}

function isRefusal(error: unknown): error is SignInRefusedError | TokenError {
  return error instanceof SignInRefusedError || error instanceof TokenError
}

/** People see this in the middle of signing in, so it is a page. */
function sendFailure(reply: FastifyReply, error: unknown, returnTo: string) {
  const refused = isRefusal(error)
  if (!refused && !(error instanceof IssuerUnavailableError)) throw error
  reply.log.info({ err: error }, 'a sign-in failed')
  const text = refused
    ? `It was refused: ${error.message}.`
    : 'The service that signs people in does not answer right now.'
  const again = `/session/login?returnTo=${encodeURIComponent(returnTo)}`
  return reply
    .code(refused ? 400 : 502)
    .headers({ ...pageHeaders, ...(refused ? {} : { 'retry-after': '5' }) })
    .send(messagePage('Signing in did not work', text, { href: again, label: 'Try again' }))
}
