import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { type Clock, systemClock } from '@micropay/runtime/clock'
import {
  type Appender,
  digestOf,
  type EventLog,
  endsBefore,
  LogError,
  type LogRecord,
  type ReadOptions,
} from '../event-log.ts'

/**
 * An event log in this process, for tests: handles opened on one store share its records, as clients share a cluster.
 */
export function openMemoryLog(store: MemoryStore = createMemoryStore()): EventLog {
  const closing = new AbortController()
  return {
    technology: 'memory',
    prepare: async (partitions) => prepareMemoryStore(store, partitions),
    partitions: async () => store.partitions.length || undefined,
    end: async (partition) => BigInt(recordsOf(store, partition).length),
    openAppender: async (partition) => openAppender(store, partition),
    read: (partition, from, options) =>
      read(store, partition, from, { ...options, signal: AbortSignal.any([options.signal, closing.signal]) }),
    close: async () => closing.abort(),
  }
}

export type MemoryStore = {
  readonly partitions: LogRecord[][]
  readonly changes: EventEmitter
  readonly clock: Pick<Clock, 'nowMs'>
}

const defaultMaxRecords = 500

/** `clock` is the store's own, which stamps what is appended. */
export function createMemoryStore(clock: Pick<Clock, 'nowMs'> = systemClock): MemoryStore {
  return { partitions: [], changes: new EventEmitter().setMaxListeners(0), clock }
}

/** Throws LogError `log_mismatch` where the store has another number of partitions. */
export function prepareMemoryStore(store: MemoryStore, partitions: number): void {
  const present = store.partitions.length
  if (present !== 0 && present !== partitions) {
    throw new LogError('log_mismatch', `the log has ${present} partitions, not ${partitions}`)
  }
  while (store.partitions.length < partitions) store.partitions.push([])
}

function recordsOf(store: MemoryStore, partition: number): LogRecord[] {
  const records = store.partitions[partition]
  if (!records) throw new LogError('log_mismatch', `the log has no partition ${partition}: prepare it first`)
  return records
}

function openAppender(store: MemoryStore, partition: number): Appender {
  const log = recordsOf(store, partition)
  return {
    append: async (records) => {
      assert(records.length > 0, 'an append holds at least one record')
      const last = log.at(-1)
      const behind = last && digestOf(last.value)
      const appended = { offset: BigInt(log.length), storeMs: store.clock.nowMs(), behind }
      for (const { key, value, traceparent } of records) {
        const traced = traceparent === undefined ? {} : { traceparent }
        log.push({ offset: BigInt(log.length), key, value: Uint8Array.from(value), ...traced })
      }
      store.changes.emit('appended')
      return appended
    },
    close: async () => {},
  }
}

async function* read(
  store: MemoryStore,
  partition: number,
  from: bigint,
  { signal, maxRecords = defaultMaxRecords, until }: ReadOptions,
): AsyncGenerator<readonly LogRecord[]> {
  const log = recordsOf(store, partition)
  if (until !== undefined && until <= from) return
  const least = until ?? from
  if (least > BigInt(log.length)) throw endsBefore(partition, BigInt(log.length), least)
  let next = Number(from)
  const last = until === undefined ? Number.POSITIVE_INFINITY : Number(until)
  while (!signal.aborted && next < last) {
    if (log.length < next) throw endsBefore(partition, BigInt(log.length), BigInt(next))
    const batch = log.slice(next, Math.min(next + maxRecords, last))
    next += batch.length
    if (batch.length > 0) yield batch
    else await appended(store, signal)
  }
}

function appended(store: MemoryStore, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const settle = () => {
      store.changes.off('appended', settle)
      signal.removeEventListener('abort', settle)
      resolve()
    }
    store.changes.on('appended', settle)
    signal.addEventListener('abort', settle)
  })
}
