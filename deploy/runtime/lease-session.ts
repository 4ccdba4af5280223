import type { Client } from 'pg'
import { LEASE_CHANNEL, type LeaseTable, prepareLeaseTable } from './lease-table.ts'
import { type Connection, openConnection } from './pool.ts'

/**
 * The one connection on which a process asks for its leases and holds them, however many they are. It lives for as long
 * as somebody asks for one or holds one; where it is lost or does not answer, all of them go on on another one.
 */
export type LeaseSession = {
  /** The connection that lives, or a new one. Rejects when the database does not answer. */
  connected(): Promise<Connection>
  /** Asks on a connection once nobody else does. Rejects when it is lost, or does not answer. */
  ask<Answer>(connection: Connection, work: (client: Client) => Promise<Answer>): Promise<Answer>
  /** Ends a connection that did not do what it was asked, once: whatever it holds is held no more. */
  drop(connection: Connection | undefined): void
  /** Somebody needs it from here on, until what is answered is called. */
  enter(): () => void
  /**
   * Notes that a lease is held here, by whom; false while another one in this process holds it. A session is never in
   * its own way, so the database does not say that.
   */
  claim(name: string, tenant: string): boolean
  unclaim(name: string, tenant: string): void
  /** Calls `work` with the name of each lease of which something is told on the connection. */
  onChange(work: (name: string) => void): () => void
  /** For good: whoever asks then is told that it does not answer. */
  close(): void
  /** Aborts with `close`: nobody need ask again. */
  readonly closed: AbortSignal
}

/** Each statement is about one row by its key. */
const WITHIN_MS = 2_000

export function openLeaseSession(url: string, table: LeaseTable): LeaseSession {
  let current: Connection | undefined
  let connecting: Promise<Connection> | undefined
  let asked: Promise<unknown> = Promise.resolve()
  let users = 0
  const closed = new AbortController()
  const changes = openChanges()

  function drop(connection: Connection | undefined): void {
    // Each that was before it was ended when it was let go.
    if (connection === undefined || connection !== current) return
    connection.client.end().catch(() => undefined)
    current = undefined
    connecting = undefined
  }
  async function connect(connection: Connection): Promise<Connection> {
    try {
      await connection.client.connect()
      await prepareLeaseTable(connection.client, table)
      await changes.listen(connection.client)
      return connection
    } catch (error) {
      drop(connection)
      throw error
    }
  }
  return {
    async connected() {
      if (closed.signal.aborted) throw new Error('the leases are closed')
      if (connecting && !current?.lost.aborted) return connecting
      drop(current)
      current = openConnection(url, {
        application_name: 'lease session',
        statement_timeout: WITHIN_MS,
        connectionTimeoutMillis: WITHIN_MS,
      })
      connecting = connect(current)
      return connecting
    },
    ask(connection, work) {
      const answer = asked.then(() => {
        if (connection.lost.aborted) throw new Error('the connection that holds the leases was lost')
        return work(connection.client)
      })
      asked = answer.catch(() => undefined)
      return answer
    },
    drop,
    enter() {
      users += 1
      let left = false
      return () => {
        if (left) return
        left = true
        users -= 1
        if (users === 0) drop(current)
      }
    },
    ...openClaims(),
    onChange: changes.onChange,
    close() {
      closed.abort()
      drop(current)
    },
    closed: closed.signal,
  }
}

function openClaims(): Pick<LeaseSession, 'claim' | 'unclaim'> {
  const claimed = new Map<string, string>()
  return {
    claim(name, tenant) {
      const holder = claimed.get(name)
      if (holder !== undefined && holder !== tenant) return false
      claimed.set(name, tenant)
      return true
    },
    unclaim(name, tenant) {
      if (claimed.get(name) === tenant) claimed.delete(name)
    },
  }
}

function openChanges() {
  const listeners = new Set<(name: string) => void>()
  return {
    onChange(work: (name: string) => void): () => void {
      listeners.add(work)
      return () => listeners.delete(work)
    },
    async listen(client: Client): Promise<void> {
      client.on('notification', ({ payload = '' }) => {
        for (const listener of listeners) listener(payload)
      })
      await client.query(`listen ${LEASE_CHANNEL}`)
    },
  }
}
