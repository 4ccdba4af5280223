import { EventStoreDBClient } from '@eventstore/db-client'
import type { Clock } from '@micropay/runtime/clock'
import { LogError } from '../event-log.ts'

/**
 * One connection to EventStoreDB, made when it is needed and again after one that failed or stayed silent.
 *
 * Of the client's two ways to append only the plain one is used: the other keeps the appends of all clients of a
 * process in one table, so that one whose stream breaks fails those of others. What it keeps to itself is reached in
 * this file alone.
 */
export function openConnection({ url, clock }: ConnectionOptions): Connection {
  let current: EventStoreDBClient | undefined
  let isClosed = false

  function drop(client: EventStoreDBClient): void {
    if (current === client) current = undefined
    void breakOff(client, clock)
  }
  return {
    async use(withinMs, work) {
      if (isClosed) throw new LogError('log_unavailable', 'the event log is closed')
      current ??= connect(url)
      const client = current
      try {
        return await answeredWithin(withinMs, clock, work(client))
      } catch (cause) {
        if (isBroken(cause)) drop(client)
        throw cause
      }
    },
    renew() {
      if (current) drop(current)
    },
    close() {
      isClosed = true
      this.renew()
    },
  }
}

export type Connection = {
  /** Fails after that long at the latest; the connection is then given up, and whatever else is on it fails, too. */
  use<Result>(withinMs: number, work: (client: EventStoreDBClient) => Promise<Result>): Promise<Result>
  /** What is on it fails; the next one who uses it gets another. */
  renew(): void
  close(): void
}

export type ConnectionOptions = { readonly url: string; readonly clock: Clock }

/** What the client has, and does not show. */
type Inner = {
  supports(): Promise<boolean>
  getChannel(): Promise<{ close(): void }>
}

/**
 * Channels with the same settings share one connection beneath them, and a new one its silence, too; so each has an
 * interval of its own.
 */
let connections = 0
const KEEP_ALIVE_MS = 10_000

function connect(url: string): EventStoreDBClient {
  connections += 1
  const keepAlive = `keepAliveInterval=${KEEP_ALIVE_MS + (connections % 10_000)}&connectionName=micropay-${connections}`
  const client = EventStoreDBClient.connectionString(`${url}${url.includes('?') ? '&' : '?'}${keepAlive}`)
  ;(client as unknown as Inner).supports = async () => false
  return client
}

/**
 * A call that is just about to begin must find its channel open: on one that is closed the client neither ends it nor
 * catches what it throws.
 */
async function breakOff(client: EventStoreDBClient, clock: Clock): Promise<void> {
  // It waits for its streams to end, which need not be: nobody waits for it.
  client.dispose().catch(() => undefined)
  const channel = await (client as unknown as Inner).getChannel().catch(() => undefined)
  await clock.turn()
  client.dispose().catch(() => undefined)
  channel?.close()
}

/** What an answer is waited for longer is not looked at any more. */
export class SilentError extends Error {}

async function answeredWithin<Result>(withinMs: number, clock: Clock, work: Promise<Result>): Promise<Result> {
  const silent = Promise.withResolvers<never>()
  const timer = clock.timer(withinMs, () => silent.reject(new SilentError(`no answer within ${withinMs} ms`)))
  work.catch(() => undefined)
  try {
    return await Promise.race([work, silent.promise])
  } finally {
    timer.cancel()
  }
}

/** What the client says when there is no way to the server, or none that answers. */
const broken = new Set(['unavailable', 'cancelled', 'deadline-exceeded', 'timeout', 'unknown'])

function isBroken(cause: unknown): boolean {
  if (cause instanceof SilentError) return true
  return cause instanceof Error && 'type' in cause && broken.has(String(cause.type))
}
