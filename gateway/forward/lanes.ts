import { preferencesOf } from '@micropay/runtime/prefer'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { ShareLimits } from '../limit/share.ts'
import type { Route } from '../routes.ts'

/**
 * Kinds of traffic to a service. Each has connections, places and a time of its own, so that none of them, however slow
 * it is or is made, keeps another one waiting.
 */
const laneNames = [
  ...(['read', 'wait', 'command', 'patience', 'batch', 'statement'] as const),
  ...(['download', 'verify', 'events', 'health'] as const),
]
export type LaneName = (typeof laneNames)[number]

/** One thing for each of them. */
export function forEachLane<Value>(make: (lane: LaneName) => Value): Readonly<Record<LaneName, Value>> {
  const made = laneNames.map((lane) => [lane, make(lane)])
  return Object.fromEntries(made)
}

export type LaneLimits = ShareLimits & {
  /** From when the gateway has the request to the first byte of the answer, waiting for a place included. */
  readonly withinMs: number
}

/** Room for so many who wait keeps a caller with many connections at work, and is no load: nothing of it is sent. */
const queue = { mostWaiting: 1024, mostWaitingOfCaller: 512, retryAfterSeconds: 1 }
const noQueue = { mostWaiting: 0, mostWaitingOfCaller: 0, retryAfterSeconds: 5 }

/** `most` is the number of connections to each process of the service, too. */
export const lanes: Readonly<Record<LaneName, LaneLimits>> = {
  read: { noun: 'reads', most: 64, mostOfCaller: 48, ...queue, withinMs: 20_000 },
  // A page that reads its own writes asks for several things at once.
  wait: { noun: 'reads that wait', most: 64, mostOfCaller: 4, ...queue, mostWaitingOfCaller: 60, withinMs: 20_000 },
  // A partition has an owner again after 9 s at most, and its log says within 10 s whether a command counts.
  command: { noun: 'commands', most: 64, mostOfCaller: 48, ...queue, withinMs: 40_000 },
  // A payment waits up to 30 s for what becomes of it where its caller asks for that.
  patience: { noun: 'commands that wait', most: 64, mostOfCaller: 16, ...queue, withinMs: 50_000 },
  // A body has a minute to arrive.
  batch: { noun: 'batches', most: 16, mostOfCaller: 2, ...noQueue, retryAfterSeconds: 1, withinMs: 100_000 },
  statement: { noun: 'statements', most: 8, mostOfCaller: 1, ...noQueue, retryAfterSeconds: 1, withinMs: 100_000 },
  download: { noun: 'downloads', most: 32, mostOfCaller: 2, ...noQueue, withinMs: 40_000 },
  verify: { noun: 'verifications', most: 4, mostOfCaller: 1, ...noQueue, withinMs: 40_000 },
  events: { noun: 'event streams', most: 1_000, mostOfCaller: 6, ...noQueue, withinMs: 20_000 },
  health: { noun: 'looks', most: 4, mostOfCaller: 4, ...queue, withinMs: 2_000 },
}

export function laneOf(route: Route, request: FastifyRequest): Exclude<LaneName, 'health'> {
  if (route.lane) return route.lane
  if (route.flow === 'events') return 'events'
  if (route.flow === 'upload') return 'batch'
  if (isLong(route, request)) return 'download'
  const { headers } = request
  if (route.method === 'GET') return headers['at-least'] === undefined ? 'read' : 'wait'
  return preferencesOf(headers.prefer).has('wait') ? 'patience' : 'command'
}

/** Files and line streams: they may be long, and their readers slow. */
function isLong({ flow, method }: Route, { query, headers }: FastifyRequest): boolean {
  if (method !== 'GET') return false
  if (flow === 'download') return true
  // As the service reads it: percent-encoded letters are the same letters.
  return AsFile.safeParse(query).success || /application\/x-ndjson/i.test(headers.accept ?? '')
}
const AsFile = z.object({ format: z.literal('csv') })
