import type { Clock, Timer } from '@micropay/runtime/clock'
import { LogError } from '../event-log.ts'
import type { BrokerConnection } from './broker-connection.ts'
import type { BrokerAddress } from './broker-socket.ts'

/**
 * At most so many connections to each broker, each for one use at a time; who finds none free waits for its turn. They
 * are opened as they are needed, and kept for the next use. One on which something failed is closed; where it broke, so
 * are those to the same broker that nobody uses: whatever broke it broke them, too.
 */
export type BrokerPool = {
  /**
   * Throws what `work` throws, or why there is no connection: LogError `log_unavailable` once the pool is closed, and
   * an Error when it was nobody's turn for `waitMs`. The connection is closed where `work` throws.
   */
  use<Result>(broker: BrokerAddress, work: (connection: BrokerConnection) => Promise<Result>): Promise<Result>
  /** All, at once. */
  close(): void
}

export type BrokerPoolOptions = {
  readonly open: (broker: BrokerAddress) => Promise<BrokerConnection>
  readonly most: number
  readonly waitMs: number
  readonly clock: Clock
}

type Waiting = { readonly go: () => void; readonly stop: (cause: Error) => void; readonly timer: Timer }

type Broker = {
  /** Of connections, used and waiting. */
  taken: number
  readonly idle: BrokerConnection[]
  readonly waiting: Set<Waiting>
}

type State = BrokerPoolOptions & {
  readonly brokers: Map<string, Broker>
  readonly opened: Set<BrokerConnection>
  isClosed: boolean
}

export function createBrokerPool(options: BrokerPoolOptions): BrokerPool {
  const pool: State = { ...options, brokers: new Map(), opened: new Set(), isClosed: false }
  return {
    async use(address, work) {
      const broker = brokerOf(pool, address)
      if (pool.isClosed) throw closed()
      await turn(pool, broker)
      let connection: BrokerConnection | undefined
      try {
        connection = await connected(pool, address, broker)
        if (pool.isClosed) throw closed()
        const result = await work(connection)
        if (!pool.isClosed) broker.idle.push(connection)
        return result
      } catch (cause) {
        // What the broker refuses is no fault of the other connections.
        if (!connection || connection.isOver()) for (const idle of broker.idle.splice(0)) end(pool, idle)
        if (connection) end(pool, connection)
        throw cause
      } finally {
        pass(broker)
      }
    },
    close() {
      pool.isClosed = true
      for (const { waiting } of pool.brokers.values()) for (const each of waiting) each.stop(closed())
      for (const connection of pool.opened) end(pool, connection)
    },
  }
}

function closed(): LogError {
  return new LogError('log_unavailable', 'the log was closed')
}

function brokerOf({ brokers }: State, { host, port }: BrokerAddress): Broker {
  const name = `${host}:${port}`
  const broker = brokers.get(name) ?? { taken: 0, idle: [], waiting: new Set() }
  brokers.set(name, broker)
  return broker
}

async function turn({ most, waitMs, clock }: State, broker: Broker): Promise<void> {
  if (broker.taken < most) {
    broker.taken += 1
    return
  }
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const settle = (settled: () => void) => {
    waiting.timer.cancel()
    broker.waiting.delete(waiting)
    settled()
  }
  const stop = (cause: Error) => settle(() => reject(cause))
  const waiting: Waiting = {
    timer: clock.timer(waitMs, () => stop(new Error(`none of ${most} connections came free within ${waitMs} ms`))),
    go: () => settle(resolve),
    stop,
  }
  broker.waiting.add(waiting)
  return promise
}

/** The next one in the line has the turn then. */
function pass(broker: Broker): void {
  const [next] = broker.waiting
  if (next) next.go()
  else broker.taken -= 1
}

async function connected(pool: State, address: BrokerAddress, { idle }: Broker): Promise<BrokerConnection> {
  for (let kept = idle.pop(); kept; kept = idle.pop()) {
    if (!kept.isOver()) return kept
    end(pool, kept)
  }
  const connection = await pool.open(address)
  pool.opened.add(connection)
  if (pool.isClosed) end(pool, connection)
  return connection
}

function end({ opened }: State, connection: BrokerConnection): void {
  opened.delete(connection)
  connection.close()
}
