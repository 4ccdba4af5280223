import {
  type Appended,
  type Appender,
  type EventLog,
  endsBefore,
  LogError,
  type LogRecord,
  type NewRecord,
  type ReadOptions,
} from '@micropay/event-log/event-log'
import { appendUnknown, createOutage } from '@micropay/event-log/outage'
import type { Logger } from '@micropay/runtime/logger'
import { type LogServer, recordsFrom } from './log-server.ts'
import { ask, type Link } from './network.ts'
import type { Process } from './process.ts'
import type { Scheduler } from './scheduler.ts'

/**
 * What an append meets on its way. `late` arrives when the appender has long been told that nobody answered, `twice`
 * is sent again by the client of the log itself, which missed the first answer.
 */
export type AppendFate = 'arrives' | 'answer lost' | 'late' | 'never' | 'twice' | 'slow'

export type LogPortOptions = {
  readonly scheduler: Scheduler
  readonly server: LogServer
  readonly process: Process
  readonly link: Link
  readonly logger: Logger
  /** What the next append of this process meets. */
  nextFate(): AppendFate
  /** Whether one of the records that were just read does not arrive: no log that holds its contract does that. */
  skips?(): boolean
  /** Told of all that leaves the process for the log. */
  onSent(partition: number, records: readonly NewRecord[]): void
  /** Whether a reader that waits at the end hears at once that the log became shorter, as from Kafka. */
  readonly hearsOfTruncation: boolean
}

/** The bound that the real logs have by default. */
const TIMEOUT_MS = 10_000
const UNAVAILABLE_AFTER_MS = 60_000
/** So long a reader is left waiting at the end. */
const POLL_MS = 5_000
const MOST_RECORDS = 500

/** The event log as one process reaches it. */
export function openLogPort(options: LogPortOptions): EventLog {
  const { scheduler, server, process, link } = options
  const asking = (label: string, signal?: AbortSignal) => ({
    ...{ scheduler, process, link, label, timeoutMs: TIMEOUT_MS },
    ...(signal === undefined ? {} : { signal }),
  })
  return {
    technology: 'memory',
    prepare: async () => undefined,
    partitions: async () => server.partitions,
    end: (partition) =>
      ask<bigint>(asking('end'), ({ answer }) => answer(server.end(partition))).catch((cause: unknown) => {
        throw new LogError('log_unavailable', 'the log is out of reach', { cause })
      }),
    openAppender: async (partition) => {
      await ask<void>(asking('connect'), ({ answer }) => answer()).catch((cause: unknown) => {
        throw new LogError('log_unavailable', 'the log is out of reach', { cause })
      })
      return openAppender(options, partition)
    },
    read: (partition, from, readOptions) => read(options, partition, from, readOptions),
    close: async () => undefined,
  }
}

function openAppender(options: LogPortOptions, partition: number): Appender {
  const { scheduler, server, process, link, onSent, nextFate } = options
  return {
    append(records) {
      onSent(partition, records)
      const fate = nextFate()
      if (fate !== 'arrives') scheduler.note(`${process.name}: the append ${fate}`)
      const takes = () => server.append(partition, records)
      if (fate === 'never' || fate === 'late') {
        if (fate === 'late') scheduler.after(process.random.between(1_000, 30_000), 'a late append', takes)
        return neverAnswered(process, partition)
      }
      const slow = fate === 'slow' ? { ...link, slowMs: process.random.between(500, 8_000) } : link
      const asking = { scheduler, process, link: slow, label: 'append', timeoutMs: TIMEOUT_MS }
      return ask<Appended>(asking, (reply) => {
        const appended = takes()
        if (fate === 'twice') scheduler.after(process.random.between(0, 300), 'the append again', takes)
        if (fate === 'answer lost') reply.fail(new Error('the connection was closed'))
        else reply.answer(appended)
      }).catch((cause: unknown) => {
        throw appendUnknown('memory', partition, cause)
      })
    },
    close: async () => undefined,
  }
}

function neverAnswered(process: Process, partition: number): Promise<never> {
  const waitMs = process.random.chance(0.5) ? TIMEOUT_MS : process.random.between(1, TIMEOUT_MS)
  return new Promise((_, reject) => {
    process.after(waitMs, 'append: no answer', () => reject(appendUnknown('memory', partition, new Error('no answer'))))
  })
}

async function* read(
  options: LogPortOptions,
  partition: number,
  from: bigint,
  { signal, until, maxRecords = MOST_RECORDS }: ReadOptions,
): AsyncGenerator<readonly LogRecord[]> {
  const { process, logger, hearsOfTruncation } = options
  const { clock } = process
  if (until !== undefined && until <= from) return
  const outage = createOutage({ technology: 'memory', unavailableAfterMs: UNAVAILABLE_AFTER_MS, clock, log: logger })
  let next = from
  while (!signal.aborted && (until === undefined || next < until)) {
    const most = until === undefined ? maxRecords : Math.min(maxRecords, Number(until - next))
    let batch: readonly LogRecord[]
    try {
      batch = await fetchBatch(options, partition, next, {
        signal,
        until,
        most,
        checks: hearsOfTruncation || next === from,
      })
    } catch (error) {
      if (signal.aborted) return
      if (error instanceof LogError) throw error
      await outage.waitAfter(error, signal)
      continue
    }
    outage.ended()
    next += BigInt(batch.length)
    if (batch.length > 0 && until === undefined && options.skips?.())
      batch = batch.toSpliced(process.random.below(batch.length), 1)
    if (batch.length > 0) yield batch
  }
}

type Fetch = {
  readonly signal: AbortSignal
  readonly until: bigint | undefined
  readonly most: number
  /** Whether what stands in front of the end is told from what was cut off. */
  readonly checks: boolean
}

function fetchBatch(options: LogPortOptions, partition: number, from: bigint, fetch: Fetch) {
  const { scheduler, server, process, link } = options
  const { signal, until, most, checks } = fetch
  const asking = { scheduler, process, link, label: 'fetch', timeoutMs: TIMEOUT_MS, signal }
  return ask<readonly LogRecord[]>(asking, ({ answer, fail }) => {
    const end = server.end(partition)
    if (until !== undefined && until > end) return fail(endsBefore(partition, end, until))
    if (checks && from > end) return fail(endsBefore(partition, end, from))
    server.whenThere(partition, from, POLL_MS, () => {
      if (from <= server.end(partition)) answer(recordsFrom(server, partition, from, most))
      else if (checks) fail(endsBefore(partition, server.end(partition), from))
      else answer([])
    })
  })
}
