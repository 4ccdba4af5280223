import { Socket } from 'node:net'
import type { Clock } from '@micropay/runtime/clock'
import { Client, type ClientConfig } from 'pg'

/**
 * A connection that one reader or appender has for itself. Leaving it takes a second at most: a server that is gone
 * without a word does not take its leave, and node-postgres would wait for that.
 */
export function createConnection(config: ClientConfig, clock: Clock): Connection {
  const socket = new Socket()
  const client = new Client({ ...config, stream: () => socket })
  return {
    client,
    async leave() {
      const left = new AbortController()
      const ended = client.end().catch(() => {})
      await Promise.race([ended, clock.sleep(LEAVE_MS, left.signal)])
      left.abort()
      socket.destroy()
    },
  }
}

export type Connection = {
  /** Connects when its connect() is called. */
  readonly client: Client
  leave(): Promise<void>
}

const LEAVE_MS = 1_000
