import type { Clock } from '@micropay/runtime/clock'
import type { Logger } from '@micropay/runtime/logger'
import type { Redis } from 'ioredis'
import { type Budget, CLOCKS_APART_MS, MOST_MEMBERS, type SharedMemory, type Taken } from '../shared-memory.ts'
import { keepConnected } from './connection.ts'
import { argumentsOf, SPEND, SPEND_HASH, takenOf } from './spend.ts'

const PREFIX = 'micropay:'
/** So many members go in one command, which others wait for. */
const PIECE = 1000

/**
 * The memory on a Redis 6.2 or Valkey server, `redis://` or `rediss://` (TLS, the certificate checked): one connection,
 * which comes back by itself. The first attempt is under way when it is returned.
 */
export function openRedisMemory({ url, clock, log }: { url: string; clock: Clock; log: Logger }): SharedMemory {
  const listeners = new Map<string, ((text: string) => void)[]>()
  const connection = keepConnected({ url, clock, log, channels: () => [...listeners.keys()], hear })
  const { ask } = connection

  function hear(channel: string, text: string): void {
    for (const listener of listeners.get(channel) ?? []) listener(text)
  }
  function spend(name: string, cost: number, budget: Budget, isOwed: boolean): Promise<Taken> {
    const values = argumentsOf(cost, budget, isOwed)
    return ask(async (redis) => takenOf(await runSpend(redis, `${PREFIX}budget:${name}`, values)))
  }
  async function addSome(redis: Redis, key: string, members: readonly [string, number][]): Promise<number> {
    const scores = members.flatMap(([member, untilMs]) => [untilMs, member])
    // In one round trip, and in this order.
    const [, fresh] = await Promise.all([
      redis.zremrangebyscore(key, '-inf', clock.nowMs() - CLOCKS_APART_MS),
      redis.zadd(key, 'GT', ...scores),
    ])
    return fresh
  }
  return {
    kind: 'redis',
    take: (name, budget, most = 1) => spend(name, most, budget, false),
    owe: (name, cost, budget) => spend(name, cost, budget, true),
    async add(set, members) {
      let fresh = 0
      for (const piece of piecesOf([...members])) {
        fresh += await ask((redis) => addSome(redis, `${PREFIX}set:${set}`, piece))
      }
      return fresh
    },
    async among(set, members) {
      const scores = await ask((redis) => redis.zmscore(`${PREFIX}set:${set}`, ...members))
      const nowMs = clock.nowMs()
      const ends = members.map((one, at) => [one, Number(scores[at] ?? 0)] as const)
      return new Map(ends.filter(([, endMs]) => endMs > nowMs))
    },
    async members(set) {
      const found = new Map<string, number>()
      const after = `(${clock.nowMs()}`
      for (let from = 0; from < MOST_MEMBERS; from += PIECE) {
        const reply = await ask((redis) =>
          redis.zrevrangebyscore(`${PREFIX}set:${set}`, '+inf', after, 'WITHSCORES', 'LIMIT', from, PIECE),
        )
        for (let at = 0; at + 1 < reply.length; at += 2) found.set(reply[at] ?? '', Number(reply[at + 1]))
        if (reply.length < 2 * PIECE) break
      }
      return found
    },
    publish: (channel, text) => ask(async (redis) => void (await redis.publish(`${PREFIX}${channel}`, text))),
    subscribe(channel, listener) {
      const name = `${PREFIX}${channel}`
      const isNew = !listeners.has(name)
      listeners.set(name, [...(listeners.get(name) ?? []), listener])
      if (isNew) connection.listenTo(name)
    },
    onReach: connection.onReach,
    away: connection.away,
    failuresPerSecond: connection.failuresPerSecond,
    close: connection.close,
  }
}

/** The text is sent where the server does not know it yet. */
async function runSpend(redis: Redis, key: string, values: readonly number[]): Promise<unknown> {
  try {
    return await redis.evalsha(SPEND_HASH, 1, key, ...values)
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error
    return redis.eval(SPEND, 1, key, ...values)
  }
}

function piecesOf<One>(all: readonly One[]): (readonly One[])[] {
  return Array.from({ length: Math.ceil(all.length / PIECE) }, (_, at) => all.slice(at * PIECE, (at + 1) * PIECE))
}
