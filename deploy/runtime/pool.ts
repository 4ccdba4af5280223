import { EventEmitter } from 'node:events'
import { Socket } from 'node:net'
import { Client, type ClientConfig, Pool, type PoolClient, type PoolConfig } from 'pg'
import { type Clock, systemClock } from './clock.ts'
import type { Logger } from './logger.ts'

/**
 * Connections to one database, each with an end to every wait: for the connection, for an answer, and for its close.
 * `statement_timeout` is the longest that a statement may take (10 s if not given); an answer that is later than that
 * ends its connection, and those that nobody uses just then, which went the same way. `end` takes a second at most. A
 * loss is logged: node-postgres would end the process for each that nobody listens to.
 */
export function openPool(url: string, log: Pick<Logger, 'warn'>, options: PoolOptions): Pool {
  const sockets = new Set<Socket>()
  const stream = () => tracked(new Socket(), sockets)
  const pool = new Pool({ ...boundsOf(url, options), max: options.max, idleTimeoutMillis: IDLE_MS, stream })
  const of = options.application_name
  const noteLost = (error: Error) => log.warn({ err: error, of }, 'a database connection was lost')
  pool.on('error', noteLost)
  pool.on('connect', (client) => {
    // One that is lost between two statements of a transaction says so here alone.
    client.on('error', noteLost)
    endWhenLate(client, () => endIdle(idle))
  })
  const idle = new Set<PoolClient>()
  pool.on('release', (error, client) => {
    if (!error) idle.add(client)
  })
  pool.on('acquire', (client) => idle.delete(client))
  pool.on('remove', (client) => idle.delete(client))
  const end = pool.end.bind(pool)
  const listed = { name: options.called ?? options.application_name, pool }
  opened.add(listed)
  return Object.assign(pool, {
    async end() {
      opened.delete(listed)
      const giveUp = systemClock.timer(CLOSE_WITHIN_MS, () => destroyAll(sockets))
      await end().finally(() => giveUp.cancel())
    },
  })
}

/** `called` tells pools of one application apart. */
export type PoolOptions = BoundedOptions & Pick<PoolConfig, 'max'> & { readonly called?: string }

type OpenPool = { readonly name: string; readonly pool: Pool }
const opened = new Set<OpenPool>()

/** The pools of this process that were not ended, for whoever counts their connections. */
export function openPools(): readonly OpenPool[] {
  return [...opened]
}

/**
 * One connection of its own, with the same bounds, that is not yet made: `client.connect()` makes it. `lost` aborts
 * when it has ended, whoever ended it.
 */
export function openConnection(url: string, options: BoundedOptions): Connection {
  const client = new Client({ ...boundsOf(url, options), stream: () => new Socket() })
  const lost = new AbortController()
  client.on('error', () => lost.abort())
  client.on('end', () => lost.abort())
  endWhenLate(client)
  const connect = client.connect.bind(client)
  return { client: Object.assign(client, { connect: () => unlessLost(connect(), lost.signal) }), lost: lost.signal }
}

/** node-postgres tells nobody that a connection was ended while it was being made. */
async function unlessLost(connecting: Promise<Client>, lost: AbortSignal): Promise<Client> {
  const ended = Promise.withResolvers<never>()
  lost.addEventListener('abort', () => ended.reject(new Error('the connection was ended while it was being made')))
  return Promise.race([connecting, ended.promise])
}

export type Connection = { readonly client: Client; readonly lost: AbortSignal }

export type BoundedOptions = Pick<
  ClientConfig,
  'statement_timeout' | 'connectionTimeoutMillis' | 'options' | 'types'
> & { readonly application_name: string }

/**
 * Watches a connection that listens and hardly ever asks: one that died without a word would be listened to for ever.
 * Asks it every few seconds, and ends it when there is no answer, or when the signal aborts. Resolves when it is lost.
 */
export async function watchConnection({ client, lost }: Connection, clock: Clock, signal: AbortSignal): Promise<void> {
  const over = AbortSignal.any([lost, signal])
  over.addEventListener('abort', () => client.end().catch(() => undefined))
  while (await clock.sleep(WATCH_EVERY_MS, over)) await client.query('select 1').catch(() => client.end())
}

/** Whether a new connection is made, and answers, within a second or so. */
export async function databaseAnswers(url: string): Promise<boolean> {
  const bounds = { connectionTimeoutMillis: ANSWERS_WITHIN_MS, statement_timeout: ANSWERS_WITHIN_MS }
  const { client } = openConnection(url, { ...bounds, application_name: 'still there' })
  try {
    await client.connect()
    return true
  } catch {
    return false
  } finally {
    client.end().catch(() => undefined)
  }
}

const ANSWERS_WITHIN_MS = 1_000
const CONNECT_WITHIN_MS = 5_000
const STATEMENT_WITHIN_MS = 10_000
/** What an answer may take beyond its statement. */
const ON_THE_WAY_MS = 1_000
const CLOSE_WITHIN_MS = 1_000
const IDLE_MS = 10_000
const WATCH_EVERY_MS = 5_000
/** So long a stopped process keeps others from the rows that its transaction has locked. */
const IDLE_IN_TRANSACTION_MS = 15_000

/** The server drops a client whose host has gone after some 25 s, and not after hours. */
const KEEPALIVE = '-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3'

function boundsOf(url: string, options: BoundedOptions): ClientConfig {
  const statementMs = options.statement_timeout || STATEMENT_WITHIN_MS
  return {
    connectionString: url,
    application_name: options.application_name,
    connectionTimeoutMillis: options.connectionTimeoutMillis ?? CONNECT_WITHIN_MS,
    statement_timeout: statementMs,
    query_timeout: statementMs + ON_THE_WAY_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: IDLE_MS,
    options: [KEEPALIVE, options.options].filter(Boolean).join(' '),
    types: options.types,
  }
}

function tracked(socket: Socket, sockets: Set<Socket>): Socket {
  sockets.add(socket)
  socket.once('close', () => sockets.delete(socket))
  return socket
}

function destroyAll(sockets: ReadonlySet<Socket>): void {
  for (const socket of sockets) socket.destroy(new Error('the pool was closed'))
}

/**
 * node-postgres gives up a late query and keeps its connection, on which whatever is asked next waits behind what never
 * comes; and it waits for ever for the other side to confirm a close.
 */
function endWhenLate(client: Client, onLate = () => {}): void {
  const { query, end } = client
  const noteFailure = (error: unknown) => {
    if (!isLate(error)) return
    client.end().catch(() => undefined)
    onLate()
  }
  Object.assign(client, {
    query(...asked: unknown[]): unknown {
      const answer: unknown = Reflect.apply(query, client, toldBy(asked, noteFailure))
      if (answer instanceof Promise) answer.catch(noteFailure)
      else if (answer instanceof EventEmitter) answer.once('error', noteFailure)
      return answer
    },
    end(...given: unknown[]): unknown {
      const giveUp = systemClock.timer(CLOSE_WITHIN_MS, () => {
        client.connection.stream.destroy(new Error('the connection did not close in time'))
      })
      client.connection.once('end', () => giveUp.cancel())
      return Reflect.apply(end, client, given)
    },
  })
}

/** What a pool asks itself answers by a callback, and by nothing else. */
function toldBy(asked: readonly unknown[], noteFailure: (error: unknown) => void): readonly unknown[] {
  return asked.map((part) => {
    if (typeof part !== 'function') return part
    return (error: unknown, ...answer: unknown[]): unknown => {
      noteFailure(error)
      return Reflect.apply(part, undefined, [error, ...answer])
    }
  })
}

/** The pool learns of it by the error of each, and makes new ones. */
function endIdle(idle: ReadonlySet<PoolClient>): void {
  const because = new Error('another connection to the same database did not answer')
  for (const client of idle) client.connection.stream.destroy(because)
}

/** Whether a query failed since nobody answered it in time. */
function isLate(error: unknown): boolean {
  return error instanceof Error && error.message === 'Query read timeout'
}
