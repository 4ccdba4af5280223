import { backOff } from '@micropay/runtime/back-off'
import type { Clock } from '@micropay/runtime/clock'
import type { Logger } from '@micropay/runtime/logger'
import { createMeter } from '@micropay/runtime/meter'
import { Redis, ReplyError } from 'ioredis'
import { SharedMemoryAwayError } from '../shared-memory.ts'
import { createPresence } from './presence.ts'

const CONNECT_MS = 1000
/** Servers answer within a millisecond; who waits here is a person's request. */
const ANSWER_MS = 500
const PROVE_EVERY_MS = 1000
const PROOF = 'micropay:proof'
const RECONNECT = { firstMs: 50, mostMs: 1000 }

type ConnectionOptions = {
  readonly url: string
  readonly clock: Clock
  readonly log: Logger
  readonly channels: () => readonly string[]
  readonly hear: (channel: string, text: string) => void
}

/**
 * One connection (RESP3, so that messages come on it, too) that is opened again whenever it ends, and given up as soon
 * as an answer takes 500 ms: whoever asks next is told at once instead of waiting as long.
 */
export function keepConnected(options: ConnectionOptions) {
  const presence = createPresence(options.clock, options.log)
  const redis = open(options.url)
  const failures = createMeter(options.clock)
  redis.on('error', (error: unknown) => presence.leave(plain(error)))
  redis.on('close', () => presence.leave(presence.away()?.reason ?? 'the connection ended'))
  redis.on('message', options.hear)
  redis.on('ready', async () => {
    const channels = options.channels()
    const isListening = channels.length === 0 || (await tried(() => redis.subscribe(...channels)))
    if (isListening) await prove()
  })
  const beat = options.clock.every(PROVE_EVERY_MS, () => {
    if (redis.status === 'ready') void prove()
  })

  /** That it can be written to: a copy, or a server that is full, answers all else. */
  async function prove(): Promise<void> {
    if (await tried(() => redis.set(PROOF, 1, 'PX', PROVE_EVERY_MS))) presence.come()
  }

  /** Whether it went well; what went wrong is why it is away. An answer that says no says nothing of the connection. */
  async function tried(work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work()
      return true
    } catch (error) {
      presence.leave(plain(error))
      if (!(error instanceof ReplyError) && !presence.isOver() && redis.status === 'ready') redis.disconnect(true)
      return false
    }
  }

  /** What the client throws holds the command with all that was in it, the password too: it goes no further. */
  async function ask<Answer>(work: (redis: Redis) => Promise<Answer>): Promise<Answer> {
    const inVain = (reason = presence.lastReason()) => {
      failures.add(1)
      return new SharedMemoryAwayError(`the shared memory is away: ${reason}`)
    }
    const away = presence.away()
    if (away) throw inVain(away.reason)
    let answer: { of: Answer } | undefined
    await tried(async () => {
      answer = { of: await work(redis) }
    })
    if (!answer) throw inVain()
    return answer.of
  }

  return {
    ask,
    away: presence.away,
    failuresPerSecond: failures.perSecond,
    onReach: presence.onReach,
    /** From now on; after the connection was opened anew by `channels`. */
    listenTo(channel: string): void {
      if (!presence.away()) ask((connected) => connected.subscribe(channel)).catch(() => undefined)
    },
    async close(): Promise<void> {
      presence.end()
      beat.cancel()
      redis.disconnect()
    },
  }
}

function open(url: string): Redis {
  return new Redis(url, {
    ...{ protocol: 3, connectionName: 'micropay-gateway' },
    ...{ connectTimeout: CONNECT_MS, commandTimeout: ANSWER_MS, disconnectTimeout: ANSWER_MS },
    ...{
      enableAutoPipelining: true,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      autoResubscribe: false,
    },
    maxRetriesPerRequest: 0,
    retryStrategy: (times) => backOff(times, RECONNECT),
    // The one that was written to is a copy by now.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
  })
}

function plain(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { code } = error as NodeJS.ErrnoException
  return error.message === '' ? (code ?? error.name) : error.message
}
