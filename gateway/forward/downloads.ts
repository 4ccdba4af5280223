import type { Clock } from '@micropay/runtime/clock'
import { ProblemError } from '@micropay/runtime/http'
import { whenIdle } from '@micropay/runtime/when-idle'
import { whenOver } from '@micropay/runtime/when-over'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Route } from '../routes.ts'
import { MOST_DOWNLOADS, type Upstream } from './upstreams.ts'

/** Files and line streams: they may be long, and their readers slow. */
export function isLong({ flow }: Route, { method, query, headers }: FastifyRequest): boolean {
  if (method !== 'GET') return false
  if (flow === 'download') return true
  if (flow !== 'small') return false
  // As the service reads it: percent-encoded letters are the same letters.
  return AsFile.safeParse(query).success || /application\/x-ndjson/i.test(headers.accept ?? '')
}

/**
 * The downloads under way: so many a service, and none for a reader that takes nothing any more. Beyond, ProblemError
 * `overloaded` with Retry-After.
 */
export function createDownloads(clock: Clock) {
  const open = new Set<FastifyReply>()
  return {
    /** Takes a place until the answer is over; the signal says when it is. */
    begin(upstream: Upstream, reply: FastifyReply): AbortSignal {
      if (upstream.downloading >= MOST_DOWNLOADS) {
        const detail = `${MOST_DOWNLOADS} downloads of ${upstream.name} are under way here: try again later`
        throw new ProblemError('overloaded', detail, { headers: { 'retry-after': '5' } })
      }
      const over = new AbortController()
      upstream.downloading += 1
      open.add(reply)
      whenOver(reply, () => {
        upstream.downloading -= 1
        open.delete(reply)
        over.abort()
      })
      const { socket } = reply.raw
      void whenIdle(clock, () => socket?.bytesWritten ?? 0, IDLE_MS, over.signal).then((isIdle) => {
        if (isIdle) reply.raw.destroy()
      })
      return over.signal
    },
    /** Cuts off those that are not done, so that their readers do not take a part for the whole. */
    breakOff(): void {
      for (const reply of open) reply.raw.destroy()
    },
  }
}

const AsFile = z.object({ format: z.literal('csv') })
const IDLE_MS = 60_000
