import type { Clock } from '@micropay/runtime/clock'
import type { Logger } from '@micropay/runtime/logger'
import type { Secret } from '@micropay/runtime/settings/key-ring'
import { TokenError, type VerifyToken } from '@micropay/runtime/verify-token'
import type { Caller } from '@micropay/schemas/api/token'
import { OwnerId } from '@micropay/schemas/identifiers'
import { z } from 'zod'
import type { EndedSessions } from './ended-sessions.ts'
import { AtIssuer, type IdentityProvider, SignInRefusedError, type Tokens } from './identity-provider.ts'
import { createLatest } from './latest.ts'
import { createSeal } from './sealed-cookie.ts'
import { createSignOuts, marksOf } from './session-marks.ts'

export const SessionData = z.object({
  subject: OwnerId,
  name: z.string(),
  csrfToken: z.string(),
  accessToken: z.string(),
  accessExpiresAtMs: z.number(),
  refreshToken: z.string().optional(),
  /** Of a session that an earlier release began: 0, as if it was not used since. */
  startedAtMs: z.number().default(0),
  endsAtMs: z.number(),
  /** Unknown of a session that an earlier release began, until its token is refreshed. */
  atIssuer: AtIssuer.optional(),
})
export type SessionData = z.infer<typeof SessionData>
export type Sealed = { readonly session: SessionData; readonly text: string }

const REFRESH_BEFORE_MS = 60_000
/**
 * So long after a refresh, requests that still carry the cookie of before get the new session instead of using the old
 * token again.
 */
const GRACE_MS = 60_000

export type Sessions = ReturnType<typeof createSessions>

/**
 * Browser sessions that live in the cookie alone: sealed, for so long at most, refreshed at the issuer a minute before
 * the access token ends (once, however many requests wait for it). An ended session is remembered until its time, so a
 * copy of its cookie is of no use.
 */
export function createSessions(options: SessionOptions) {
  const { provider, verifyToken, ended, clock, log } = options
  const seal = createSeal({ secret: options.secret, purpose: 'session', schema: SessionData, nowMs: clock.nowMs })
  const opened = createOpened(seal)
  const signOut = createSignOuts()
  const refreshes = createRefreshes(refresh)

  async function begin(tokens: Tokens): Promise<Sealed> {
    const caller = await verifyToken(`Bearer ${tokens.accessToken}`)
    const { subject } = caller
    const nowMs = clock.nowMs()
    const lasting = { csrfToken: clock.randomId(), startedAtMs: nowMs, endsAtMs: nowMs + options.longestMs }
    return close(tokens, caller, { subject, name: tokens.name ?? subject, ...lasting })
  }

  async function close(tokens: Tokens, caller: Caller, kept: Kept): Promise<Sealed> {
    const session = sessionOf(tokens, caller, kept)
    return { session, text: await seal.seal(session, session.endsAtMs) }
  }

  /** The session of a cookie's text, unless it is forged, over or ended. */
  async function open(text: string): Promise<SessionData | undefined> {
    const session = opened().get(text) ?? (await seal.open(text))
    if (!session || session.endsAtMs <= clock.nowMs() || (await ended.has(marksOf(session)))) return undefined
    opened().set(text, session)
    return session
  }

  /**
   * A session whose access token is good, with the text for a new cookie when it was refreshed. Throws TokenError when
   * it cannot be had.
   */
  async function fresh(session: SessionData): Promise<{ session: SessionData; text?: string }> {
    const nowMs = clock.nowMs()
    if (session.accessExpiresAtMs - nowMs > REFRESH_BEFORE_MS || session.refreshToken === undefined) return { session }
    try {
      return await refreshes.of(session, session.refreshToken, nowMs)
    } catch (error) {
      if (error instanceof SignInRefusedError)
        throw new TokenError('the session is over: sign in again', { cause: error })
      if (session.accessExpiresAtMs <= nowMs) throw error
      log.warn({ err: error }, 'a session could not be refreshed: its token is used to the end')
      return { session }
    }
  }

  async function refresh(session: SessionData, refreshToken: string): Promise<Sealed> {
    return replaceTokens(session, await provider.refresh(refreshToken))
  }

  /** The same session with other tokens of its person. Throws SignInRefusedError where they are of somebody else. */
  async function replaceTokens(session: SessionData, given: Tokens): Promise<Sealed> {
    const caller = await verifyToken(`Bearer ${given.accessToken}`)
    if (caller.subject !== session.subject) throw new SignInRefusedError('the issuer answered for someone else')
    return close({ ...given, refreshToken: given.refreshToken ?? session.refreshToken }, caller, session)
  }

  async function end(session: SessionData): Promise<void> {
    refreshes.forget(session)
    await ended.end(signOut(session))
    if (session.refreshToken === undefined) return
    await provider
      .revoke(session.refreshToken)
      .catch((error: unknown) => log.warn({ err: error }, 'a refresh token could not be revoked'))
  }

  return { begin, open, fresh, replaceTokens, end }
}

type SessionOptions = {
  readonly secret: Secret
  readonly provider: IdentityProvider
  readonly verifyToken: VerifyToken
  readonly ended: EndedSessions
  /** From signing in to the end of the session, however it is used. */
  readonly longestMs: number
  readonly clock: Clock
  readonly log: Logger
}

type Kept = Pick<SessionData, 'subject' | 'name' | 'csrfToken' | 'startedAtMs' | 'endsAtMs' | 'atIssuer'>

/** Without a refresh token it ends with the access token. */
function sessionOf(tokens: Tokens, { expiresAt }: Caller, kept: Kept): SessionData {
  const { accessToken, refreshToken } = tokens
  const atIssuer = kept.atIssuer ?? tokens.atIssuer
  return {
    ...kept,
    ...(atIssuer === undefined ? {} : { atIssuer }),
    accessToken,
    accessExpiresAtMs: expiresAt,
    ...(refreshToken === undefined ? {} : { refreshToken }),
    endsAtMs: refreshToken === undefined ? Math.min(kept.endsAtMs, expiresAt) : kept.endsAtMs,
  }
}

type Refresh = (session: SessionData, refreshToken: string) => Promise<Sealed>

/** A refresh token is used once: who comes with the same one meanwhile, or shortly after, gets what it led to. */
function createRefreshes(refresh: Refresh) {
  const flights = new Map<string, { sealed: Promise<Sealed>; csrfToken: string; startedAtMs: number }>()
  return {
    of(session: SessionData, refreshToken: string, nowMs: number): Promise<Sealed> {
      for (const [key, flight] of flights) if (nowMs - flight.startedAtMs > GRACE_MS) flights.delete(key)
      const known = flights.get(refreshToken)
      if (known) return known.sealed
      const sealed = refresh(session, refreshToken)
      flights.set(refreshToken, { sealed, csrfToken: session.csrfToken, startedAtMs: nowMs })
      sealed.catch(() => flights.delete(refreshToken))
      return sealed
    },
    forget({ csrfToken }: SessionData): void {
      for (const [key, flight] of flights) if (flight.csrfToken === csrfToken) flights.delete(key)
    },
  }
}

/** What was opened while the secrets are the same: what one that is gone had sealed opens no more. */
function createOpened(seal: { keys(): object }) {
  let opened = { by: seal.keys(), known: createLatest<SessionData>() }
  return () => {
    const by = seal.keys()
    if (opened.by !== by) opened = { by, known: createLatest() }
    return opened.known
  }
}
