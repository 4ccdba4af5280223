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
    async alone(withinMs, work) {
      if (isClosed) throw new LogError('log_unavailable', 'the event log is closed')
      const connection = free.pop() ?? (await waitForOne(waiting, withinMs, clock))
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
  /** Throws when there is none for so long. */
  alone<Result>(withinMs: number, work: (connection: Connection) => Promise<Result>): Promise<Result>
  close(): void
}

async function waitForOne(
  waiting: PromiseWithResolvers<Connection>[],
  withinMs: number,
  clock: Clock,
): Promise<Connection> {
  const turn = Promise.withResolvers<Connection>()
  waiting.push(turn)
  const timer = clock.timer(withinMs, () => {
    waiting.splice(waiting.indexOf(turn), 1)
    turn.reject(new Error(`no connection was free within ${withinMs} ms`))
  })
  return turn.promise.finally(() => timer.cancel())
}
