import type { Clock } from '@micropay/runtime/clock'
import { whenIdle } from '@micropay/runtime/when-idle'
import { whenOver } from '@micropay/runtime/when-over'
import type { FastifyReply } from 'fastify'
import { CallerGoneError } from './failures.ts'

/** The downloads under way. None goes on for a reader that takes nothing any more. */
export function createDownloads(clock: Clock) {
  const open = new Set<FastifyReply>()
  return {
    /** What ends it; it is aborted when the answer is over. */
    begin(reply: FastifyReply): AbortController {
      const over = new AbortController()
      open.add(reply)
      whenOver(reply, () => {
        open.delete(reply)
        over.abort(new CallerGoneError())
      })
      const { socket } = reply.raw
      void whenIdle(clock, () => socket?.bytesWritten ?? 0, IDLE_MS, over.signal).then((isIdle) => {
        if (isIdle) reply.raw.destroy()
      })
      return over
    },
    /** Cuts off those that are not done, so that their readers do not take a part for the whole. */
    breakOff(): void {
      for (const reply of open) reply.raw.destroy()
    },
  }
}

const IDLE_MS = 60_000
