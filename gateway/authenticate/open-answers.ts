import { isOver, whenOver } from '@micropay/runtime/when-over'
import type { FastifyReply } from 'fastify'
import type { Ends } from '../share/shared-memory.ts'
import type { Marks } from './session-marks.ts'

/** Answers that are not over yet, by the marks of the session that they are for. */
export function createOpenAnswers() {
  const open = new Map<string, Map<FastifyReply, Marks>>()
  return {
    add(marks: Marks, reply: FastifyReply): void {
      if (isOver(reply)) return
      for (const mark of marks.keys()) open.set(mark, (open.get(mark) ?? new Map()).set(reply, marks))
      whenOver(reply, () => {
        for (const mark of marks.keys()) {
          const replies = open.get(mark)
          replies?.delete(reply)
          if (replies?.size === 0) open.delete(mark)
        }
      })
    },
    /** So that their readers do not take a part for the whole. */
    breakOff(ends: Ends): void {
      for (const mark of ends.keys()) {
        for (const [reply, marks] of open.get(mark) ?? []) if (isEnded(marks, ends)) reply.raw.destroy()
      }
    },
  }
}

export function isEnded(marks: Marks, ends: Pick<Ends, 'get'>): boolean {
  return [...marks].some(([mark, fromMs]) => (ends.get(mark) ?? Number.NEGATIVE_INFINITY) >= fromMs)
}
