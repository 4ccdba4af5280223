import type { Clock } from '@micropay/runtime/clock'
import { IssuerUnavailableError } from '@micropay/runtime/issuer-keys'
import { askedBy } from '@micropay/runtime/security-log/note-refusals'
import type { SecurityLog } from '@micropay/runtime/security-log/security-log'
import type { Secret } from '@micropay/runtime/settings/key-ring'
import type { StepUp } from '@micropay/runtime/step-up'
import { TokenError, type VerifyToken } from '@micropay/runtime/verify-token'
import type { Session } from '@micropay/schemas/api/token'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { messagePage, pageHeaders } from '../serve/page.ts'
import { type Authenticator, SESSION_COOKIE } from './authenticate.ts'
import { confirmedSession, confirmingOf } from './confirm-payment.ts'
import type { IdTokenHint } from './id-token-hint.ts'
import { type IdentityProvider, SignInDeniedError, SignInRefusedError, type SignInStart } from './identity-provider.ts'
import { returnPathOf } from './return-path.ts'
import { createSeal } from './sealed-cookie.ts'
import type { CookieJar } from './session-cookie.ts'
import type { Sessions } from './sessions.ts'

const SIGN_IN_COOKIE = 'micropay-sign-in'
const SIGN_IN_SECONDS = 600
const SignIn = z.object({
  ...{ state: z.string(), nonce: z.string(), verifier: z.string(), returnTo: z.string() },
  /** The session whose person confirms a payment, where one is signed in already. */
  confirms: z.string().optional(),
})
type SignIn = z.infer<typeof SignIn>
const LoginQuery = z.object({ returnTo: z.unknown().optional() })

/**
 * GET /session, GET /session/login, GET /session/confirm and GET /session/callback: how a browser signs in, asks who it
 * is, and has a payment confirmed.
 */
export function addSessionRoutes(app: FastifyInstance, options: SessionRoutesOptions): void {
  const { provider, authenticator, cookies, verifyToken, publicUrl, clock, security } = options
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

  const returnToOf = (request: FastifyRequest) => returnPathOf(LoginQuery.parse(request.query).returnTo, publicUrl)
  const toIssuer: ToIssuer['toIssuer'] = async (reply, { url, ...checks }, kept) => {
    const text = await seal.seal({ ...checks, ...kept }, clock.nowMs() + SIGN_IN_SECONDS * 1000)
    cookies.write(reply.request, reply, SIGN_IN_COOKIE, text, SIGN_IN_SECONDS)
    return reply.redirect(url, 303)
  }

  app.get('/session/login', async (request, reply) => {
    const returnTo = returnToOf(request)
    try {
      return await toIssuer(reply, await provider.start(), { returnTo })
    } catch (error) {
      return sendFailure(reply, error, returnTo)
    }
  })

  addConfirmation(app, options, { returnToOf, toIssuer })

  app.get('/session/callback', async (request, reply) => {
    const text = cookies.read(request, SIGN_IN_COOKIE)
    const signIn = text === undefined ? undefined : await seal.open(text)
    cookies.clear(request, reply, SIGN_IN_COOKIE)
    try {
      if (!signIn) throw new SignInRefusedError('this browser did not ask to sign in, or more than ten minutes ago')
      await complete(signIn, request, reply, options)
      return reply.redirect(signIn.returnTo, 303)
    } catch (error) {
      const reason = isRefusal(error) ? error.message : 'the issuer does not answer'
      const event = signIn?.confirms === undefined ? 'sign_in_failed' : 'confirmation_failed'
      security.note({ ...askedBy(request), event, reason })
      // Whoever thought better of it goes on where they were: the payment is as unconfirmed as before.
      if (signIn?.confirms !== undefined && error instanceof SignInDeniedError)
        return reply.redirect(signIn.returnTo, 303)
      return sendFailure(reply, error, signIn?.returnTo ?? '/', signIn?.confirms === undefined ? 'sign in' : 'confirm')
    }
  })
}

/** Has the browser keep the session that a person has begun at the issuer, or confirmed a payment in. */
async function complete(
  signIn: SignIn,
  request: FastifyRequest,
  reply: FastifyReply,
  options: SessionRoutesOptions,
): Promise<void> {
  const { provider, sessions, cookies, hint, publicUrl, security } = options
  const { confirms } = signIn
  const tokens = await provider.finish(new URL(request.url, publicUrl), signIn)
  const { text, session } = await (confirms === undefined
    ? sessions.begin(tokens)
    : confirmedSession(confirms, tokens, request, options))
  const event = confirms === undefined ? 'signed_in' : 'payment_confirmed'
  security.note({ ...askedBy(request), event, subject: session.subject })
  cookies.write(request, reply, SESSION_COOKIE, text)
  await hint.keep(request, reply, session, tokens.idToken)
}

function addConfirmation(
  app: FastifyInstance,
  { authenticator, provider, stepUp }: SessionRoutesOptions,
  { returnToOf, toIssuer }: ToIssuer,
): void {
  app.get('/session/confirm', async (request, reply) => {
    const returnTo = returnToOf(request)
    try {
      const held = await authenticator.heldSession(request)
      const started = await provider.start(confirmingOf(request, held, stepUp))
      return await toIssuer(reply, started, { returnTo, confirms: held.csrfToken })
    } catch (error) {
      // Nobody is signed in any more.
      if (error instanceof TokenError) return reply.redirect(signInAgain(returnTo), 303)
      return sendFailure(reply, error, returnTo, 'confirm')
    }
  })
}

type ToIssuer = {
  returnToOf(request: FastifyRequest): string
  toIssuer(
    reply: FastifyReply,
    started: SignInStart,
    kept: Pick<SignIn, 'returnTo' | 'confirms'>,
  ): Promise<FastifyReply>
}

type SessionRoutesOptions = {
  readonly secret: Secret
  readonly provider: IdentityProvider
  readonly sessions: Sessions
  readonly authenticator: Authenticator
  readonly cookies: CookieJar
  readonly hint: IdTokenHint
  readonly verifyToken: VerifyToken
  readonly publicUrl: URL
  readonly stepUp: StepUp
  readonly clock: Clock
  readonly security: Pick<SecurityLog, 'note'>
}

function isRefusal(error: unknown): error is SignInRefusedError | TokenError {
  return error instanceof SignInRefusedError || error instanceof TokenError
}

function signInAgain(returnTo: string): string {
  return `/session/login?returnTo=${encodeURIComponent(returnTo)}`
}

/** People see this in the middle of signing in, so it is a page. */
function sendFailure(reply: FastifyReply, error: unknown, returnTo: string, what: 'sign in' | 'confirm' = 'sign in') {
  const refused = isRefusal(error)
  if (!refused && !(error instanceof IssuerUnavailableError)) throw error
  reply.log.info({ err: error }, 'a sign-in failed')
  const text = refused
    ? `It was refused: ${error.message}.`
    : 'The service that signs people in does not answer right now.'
  const again = { href: signInAgain(returnTo), label: 'Try again' }
  const [title, link] =
    what === 'confirm'
      ? (['The payment was not confirmed', { href: returnTo, label: 'Back to the payment' }] as const)
      : (['Signing in did not work', again] as const)
  return reply
    .code(refused ? 400 : 502)
    .headers({ ...pageHeaders, ...(refused ? {} : { 'retry-after': '5' }) })
    .send(messagePage(title, text, link))
}
