import type { Clock } from '@micropay/runtime/clock'
import type { Secret } from '@micropay/runtime/settings/key-ring'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { createSeal, PIECE_CHARACTERS } from './sealed-cookie.ts'
import { createCookieJar } from './session-cookie.ts'
import type { SessionData } from './sessions.ts'

export const SIGN_OUT_PATH = '/session/logout'
const ID_TOKEN_COOKIE = 'micropay-id-token'
const Kept = z.object({ session: z.string(), idToken: z.string() })

export type IdTokenHint = ReturnType<typeof createIdTokenHint>

/**
 * The ID token of a session, which its issuer wants to see when somebody signs out: sealed, and sent by the browser to
 * that route alone. One that does not fit a cookie is not kept: the issuer asks the person then, if it must.
 */
export function createIdTokenHint(options: {
  readonly secret: Secret
  readonly publicUrl: URL
  readonly clock: Clock
}) {
  const { secret, publicUrl, clock } = options
  const cookies = createCookieJar(publicUrl, SIGN_OUT_PATH)
  const seal = createSeal({ secret, purpose: 'id token', schema: Kept, nowMs: clock.nowMs })
  return {
    async keep(request: FastifyRequest, reply: FastifyReply, session: SessionData, idToken: string | undefined) {
      if (idToken === undefined) return
      const text = await seal.seal({ session: session.csrfToken, idToken }, session.endsAtMs)
      if (text.length <= PIECE_CHARACTERS) cookies.write(request, reply, ID_TOKEN_COOKIE, text)
    },
    /** That of this session, and of no other one. */
    async take(request: FastifyRequest, reply: FastifyReply, session: SessionData): Promise<string | undefined> {
      const text = cookies.read(request, ID_TOKEN_COOKIE)
      const kept = text === undefined ? undefined : await seal.open(text)
      cookies.clear(request, reply, ID_TOKEN_COOKIE)
      return kept?.session === session.csrfToken ? kept.idToken : undefined
    },
  }
}
