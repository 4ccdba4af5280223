import type { Clock } from '@micropay/runtime/clock'
import type { Secret } from '@micropay/runtime/settings/key-ring'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { createLatest } from './latest.ts'
import { createSeal } from './sealed-cookie.ts'
import type { CookieJar } from './session-cookie.ts'
import type { SessionData } from './sessions.ts'

export const USED_COOKIE = 'micropay-used'
/** What a page sends with what it asks by itself, while nobody is before it. */
const UNATTENDED = 'x-unattended'
const Used = z.object({ session: z.string(), atMs: z.number() })

export type Idle = ReturnType<typeof createIdle>

/**
 * When a session was used last, in a sealed cookie of its own: written again a minute later at the earliest, and apart
 * from the tokens, so that no old ones come back with it.
 */
export function createIdle(options: {
  readonly secret: Secret
  readonly idleMs: number
  readonly cookies: CookieJar
  readonly clock: Clock
}) {
  const { idleMs, cookies, clock } = options
  const seal = createSeal({ secret: options.secret, purpose: 'session used', schema: Used, nowMs: clock.nowMs })
  const opened = createLatest<z.infer<typeof Used>>()
  const renewAfterMs = Math.min(60_000, idleMs / 10)

  async function usedAtMs(request: FastifyRequest, session: SessionData): Promise<number> {
    const text = cookies.read(request, USED_COOKIE)
    if (text === undefined) return session.startedAtMs
    const used = opened.get(text) ?? (await seal.open(text))
    if (used) opened.set(text, used)
    return used?.session === session.csrfToken ? Math.max(used.atMs, session.startedAtMs) : session.startedAtMs
  }

  return {
    async isOver(request: FastifyRequest, session: SessionData): Promise<boolean> {
      return (await usedAtMs(request, session)) + idleMs <= clock.nowMs()
    },
    /** Somebody asked for something; an event stream, and what a page asks unattended, is not that. */
    async note(request: FastifyRequest, reply: FastifyReply, session: SessionData): Promise<void> {
      const { accept, [UNATTENDED]: unattended } = request.headers
      if (unattended === '?1' || accept === 'text/event-stream') return
      const nowMs = clock.nowMs()
      if (nowMs - (await usedAtMs(request, session)) < renewAfterMs) return
      const text = await seal.seal({ session: session.csrfToken, atMs: nowMs }, nowMs + idleMs)
      cookies.write(request, reply, USED_COOKIE, text)
    },
  }
}
