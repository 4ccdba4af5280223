import { type Appended, digestOf, endsBefore, type LogRecord, type NewRecord } from '@micropay/event-log/event-log'
import { BEGINNING_MS } from './process.ts'
import type { Scheduler } from './scheduler.ts'

/** The log itself, far from all processes: it takes what arrives, in the order in which it arrives, and never fails. */
export type LogServer = {
  readonly partitions: number
  end(partition: number): bigint
  records(partition: number): readonly LogRecord[]
  append(partition: number, records: readonly NewRecord[]): Appended
  /** Calls once there is something at or behind `from`, or `withinMs` is over; at once when there is already. */
  whenThere(partition: number, from: bigint, withinMs: number, work: () => void): void
  /** Somebody puts other records in the place of those that stood there. */
  replace(partition: number, records: readonly LogRecord[]): void
  /** Told of what was appended, and of a partition that was replaced (`undefined`). */
  onChange(listener: (partition: number, appended: readonly LogRecord[] | undefined) => void): void
  /** What the clock of the log's machine shows beside the true time. */
  readonly wall: { offsetMs: number }
}

export function createLogServer(scheduler: Scheduler, partitions: number): LogServer {
  const logs: LogRecord[][] = Array.from({ length: partitions }, () => [])
  const listeners: ((partition: number, appended: readonly LogRecord[] | undefined) => void)[] = []
  const waiting = new Set<{ readonly partition: number; readonly from: bigint; readonly wake: () => void }>()
  const wall = { offsetMs: 0 }
  const of = (partition: number): LogRecord[] => {
    const log = logs[partition]
    if (log === undefined) throw new RangeError(`there is no partition ${partition}`)
    return log
  }
  const changed = (partition: number, appended: readonly LogRecord[] | undefined) => {
    for (const listener of listeners) listener(partition, appended)
    for (const each of waiting) if (each.partition === partition && each.from < of(partition).length) each.wake()
  }
  return {
    partitions,
    wall,
    end: (partition) => BigInt(of(partition).length),
    records: of,
    append(partition, records) {
      const log = of(partition)
      const offset = BigInt(log.length)
      const last = log.at(-1)
      const behind = last && digestOf(last.value)
      const appended = records.map(({ key, value }, index) => ({
        ...{ offset: offset + BigInt(index), key, value: Uint8Array.from(value) },
      }))
      log.push(...appended)
      scheduler.note(`the log ${partition} takes ${records.length} at ${offset}`)
      changed(partition, appended)
      return { offset, storeMs: Math.floor(BEGINNING_MS + scheduler.trueMs() + wall.offsetMs), behind }
    },
    whenThere(partition, from, withinMs, work) {
      if (from < of(partition).length) return work()
      const wake = () => {
        waiting.delete(each)
        over.cancel()
        work()
      }
      const each = { partition, from, wake }
      const over = scheduler.after(withinMs, 'the log has nothing new', wake)
      waiting.add(each)
    },
    replace(partition, records) {
      logs[partition] = records.map((record, index) => ({ ...record, offset: BigInt(index) }))
      scheduler.note(`the log ${partition} is another: ${records.length} records`)
      changed(partition, undefined)
    },
    onChange: (listener) => void listeners.push(listener),
  }
}

/** The records from `from` on; what is behind the end is an error. */
export function recordsFrom(server: LogServer, partition: number, from: bigint, most: number): readonly LogRecord[] {
  const end = server.end(partition)
  if (from > end) throw endsBefore(partition, end, from)
  return server.records(partition).slice(Number(from), Number(from) + most)
}
