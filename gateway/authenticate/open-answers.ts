import { isOver, whenOver } from '@micropay/runtime/when-over'
import type { FastifyReply } from 'fastify'

/** Answers that are not over yet, by the session that they are for. */
export function createOpenAnswers() {
  const open = new Map<string, Set<FastifyReply>>()
  return {
    add(session: string, reply: FastifyReply): void {
      if (isOver(reply)) return
      const replies = open.get(session) ?? new Set()
      open.set(session, replies.add(reply))
      whenOver(reply, () => {
        replies.delete(reply)
        if (replies.size === 0 && open.get(session) === replies) open.delete(session)
      })
    },
    /** So that their readers do not take a part for the whole. */
    breakOff(sessions: { has(session: string): boolean }): void {
      for (const [session, replies] of open) {
        if (sessions.has(session)) for (const reply of replies) reply.raw.destroy()
      }
    },
  }
}
