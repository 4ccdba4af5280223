import type { Clock } from '@micropay/runtime/clock'
import { LogError } from '../event-log.ts'
import { type Connection, openConnection } from './client.ts'

/** A fixed number of connections, each of which one has alone at a time; the others wait for their turn. */
export function openConnections(url: string, most: number, clock: Clock): Connections {
  const all = Array.from({ length: most }, () => openConnection({ url, clock }))
  const free = [...all]
  const waiting: PromiseWithResolvers<Connection>[] = []
  let isClosed = false
  return {
    async alone(work) {
      if (isClosed) throw new LogError('log_unavailable', 'the event log is closed')
      const connection = free.pop() ?? (await waitForOne(waiting))
      try {
        return await work(connection)
      } finally {
        const next = waiting.shift()
        if (next) next.resolve(connection)
        else free.push(connection)
      }
    },
    close() {
      isClosed = true
      for (const each of waiting.splice(0)) each.reject(new LogError('log_unavailable', 'the event log was closed'))
      for (const each of all) each.close()
    },
  }
}

export type Connections = {
  alone<Result>(work: (connection: Connection) => Promise<Result>): Promise<Result>
  close(): void
}

function waitForOne(waiting: PromiseWithResolvers<Connection>[]): Promise<Connection> {
  const turn = Promise.withResolvers<Connection>()
  waiting.push(turn)
  return turn.promise
}
