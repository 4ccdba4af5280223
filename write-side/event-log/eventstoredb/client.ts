import { EventStoreDBClient, NotLeaderError } from '@eventstore/db-client'
import type { Clock } from '@micropay/runtime/clock'
import { LogError } from '../event-log.ts'
import { reasonOf } from '../outage.ts'

/**
 * One connection to EventStoreDB, made when it is needed and again after one that failed or stayed silent. Who is on it
 * then goes on: an answer that one question did not get breaks off no other.
 *
 * Of the client's two ways to append only the plain one is used: the other keeps the appends of all clients of a
 * process in one table, so that one whose stream breaks fails those of others. What it keeps to itself is reached in
 * this file alone.
 */
export function openConnection({ url, clock }: ConnectionOptions): Connection {
  let current: Used | undefined
  /** Given up, and somebody is on it still. */
  const left = new Set<Used>()
  let isClosed = false

  function end(used: Used): void {
    if (current === used) current = undefined
    left.delete(used)
    used.isEnded = true
    void breakOff(used.client, clock)
  }
  function giveUp(used: Used): void {
    if (current !== used) return
    current = undefined
    left.add(used)
    const [first] = left
    if (first && left.size > MOST_LEFT) end(first)
  }
  return {
    async use(withinMs, work) {
      if (isClosed) throw new LogError('log_unavailable', 'the event log is closed')
      current ??= { client: connect(url), users: 0, isEnded: false }
      const used = current
      used.users += 1
      const way: Way = { client: used.client, clock, leader: undefined, over: new AbortController() }
      try {
        const answer = await answeredWithin(withinMs, way, atLeader(way, work))
        // A read that was broken off ends for the client as one of a stream that holds nothing more.
        if (used.isEnded) throw new Error('the connection was given up')
        return answer
      } catch (cause) {
        if (!isBroken(cause)) throw cause
        giveUp(used)
        throw way.leader === undefined ? cause : unreachable(way.leader, cause)
      } finally {
        way.over.abort()
        used.users -= 1
        if (used.users === 0 && left.has(used)) end(used)
      }
    },
    renew() {
      for (const used of [...left, ...(current ? [current] : [])]) end(used)
    },
    close() {
      isClosed = true
      this.renew()
    },
  }
}

export type Connection = {
  /**
   * Fails after that long at the latest; the connection is then given up, and closed once nobody is on it. Where the
   * node says that another one leads, `work` is done again there.
   */
  use<Result>(withinMs: number, work: (client: EventStoreDBClient) => Promise<Result>): Promise<Result>
  /** What is on it fails; the next one who uses it gets another. */
  renew(): void
  close(): void
}

export type ConnectionOptions = { readonly url: string; readonly clock: Clock }

type Used = { readonly client: EventStoreDBClient; users: number; isEnded: boolean }

/** Beside the one in use. Whoever is on an older one fails. */
const MOST_LEFT = 1

/** How one question goes: `leader` is the node that it was sent on to. */
type Way = {
  readonly client: EventStoreDBClient
  readonly clock: Clock
  leader: string | undefined
  readonly over: AbortController
}

/**
 * A node that follows takes nothing, and says who leads: there the client goes with what it is asked next. While
 * another leader is chosen the nodes may send it on to each other.
 */
async function atLeader<Result>(way: Way, work: (client: EventStoreDBClient) => Promise<Result>): Promise<Result> {
  for (let sentOn = 0; ; sentOn += 1) {
    try {
      return await work(way.client)
    } catch (cause) {
      if (!(cause instanceof NotLeaderError) || way.over.signal.aborted) throw cause
      way.leader = `${cause.leader.address}:${cause.leader.port}`
      if (sentOn === MOST_SENT_ON)
        throw new Error(`no node leads, the last one says that ${way.leader} does`, { cause })
      await way.clock.sleep(sentOn * BETWEEN_MS, way.over.signal)
    }
  }
}

const MOST_SENT_ON = 5
const BETWEEN_MS = 100

function unreachable(leader: string, cause: unknown): Error {
  const reason = `the node says that ${leader} leads, which is out of reach from here`
  return new Error(`${reason}: ${reasonOf(cause)}: name all nodes in EVENTSTORE_URL, as this host reaches them`, {
    cause,
  })
}

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
class SilentError extends Error {}

async function answeredWithin<Result>(withinMs: number, { clock }: Way, work: Promise<Result>): Promise<Result> {
  const silent = Promise.withResolvers<never>()
  const timer = clock.timer(withinMs, () => silent.reject(new SilentError(`no answer within ${withinMs} ms`)))
  work.catch(() => undefined)
  try {
    return await Promise.race([work, silent.promise])
  } finally {
    timer.cancel()
  }
}

/** What the client says when there is no way to the server, or none that answers. What a server answers is neither. */
const broken = new Set(['unavailable', 'cancelled', 'deadline-exceeded'])

function isBroken(cause: unknown): boolean {
  if (cause instanceof SilentError) return true
  return cause instanceof Error && 'type' in cause && broken.has(String(cause.type))
}
