import type { LogRecord } from '@micropay/event-log/event-log'
import type { FoldedRecord } from '@micropay/event-log/fold-batch'
import type { Clock } from '@micropay/runtime/clock'
import { isTracing, startLinked, startSpan, type TraceSpan } from '@micropay/runtime/telemetry/tracing'
import { formatPosition } from '@micropay/schemas/position'

/** What was folded at a time and may have a trace; by the monotonic clock. */
export type FoldedAt = {
  readonly records: readonly { readonly record: LogRecord; readonly seq: number }[]
  readonly sinceMs: number
  readonly endMs: number
}

/** So many records of one transaction are traced at most, of those that were folded last at a time. */
const MOST_TRACED = 64
const MOST_HELD = 200
/** Whoever looks at a trace that is older looks at it no more: what lies in the log from before is not told again. */
const MOST_AGE_MS = 600_000

/** Undefined where nothing is traced. */
export function foldedSince(sinceMs: number, folds: readonly FoldedRecord[], clock: Clocks): FoldedAt | undefined {
  if (!isTracing()) return undefined
  const recentMs = clock.nowMs() - MOST_AGE_MS
  const records = folds.slice(-MOST_HELD).flatMap(({ record, folded }) => {
    const isRecent = folded.kind === 'counted' && Date.parse(folded.commit.decidedAt) >= recentMs
    return isRecent ? [{ record, seq: folded.commit.seq }] : []
  })
  return { records, sinceMs, endMs: clock.monotonicMs() }
}

/**
 * The traces of the records that one transaction writes: each goes on with its fold and the transaction, and the batch
 * is a trace of its own that leads to each of them. Undefined where nothing is traced.
 */
export function traceApplied(folded: readonly FoldedAt[], { projection, partition, records, clock }: Applying) {
  if (!isTracing() || folded.length === 0) return undefined
  const startedMs = clock.monotonicMs()
  const begun = new Map<number, TraceSpan>()
  const attributes = { 'micropay.projection': projection, 'micropay.partition': partition }
  function begin(): void {
    for (const { records: some, sinceMs, endMs } of folded) {
      for (const { record, seq } of some) {
        if (begun.size >= MOST_TRACED) return
        if (begun.has(seq)) continue
        const position = { ...attributes, 'micropay.position': formatPosition({ partition, seq }) }
        const span = startSpan('project', record.traceparent, { sinceMs, attributes: position })
        if (!span) continue
        startSpan('fold', span.traceparent, { sinceMs })?.end(undefined, endMs)
        begun.set(seq, span)
      }
    }
  }
  begin()
  return {
    /** For those who are told of changes: see telemetry/told-traces.ts. Undefined where there are none. */
    told: begun.size === 0 ? undefined : [`${partition} 0`, ...Array.from(begun, told)].join(' '),
    end(failure?: string): void {
      // Of some it was heard only by now.
      begin()
      for (const span of begun.values()) {
        startSpan('transaction', span.traceparent, { sinceMs: startedMs, attributes })?.end(failure)
        span.end(failure)
      }
      const links = Array.from(begun.values(), ({ traceparent }) => traceparent)
      const batch = { ...attributes, 'micropay.batch_records': records }
      startLinked('batch', links, { sinceMs: startedMs, attributes: batch })?.end(failure)
    },
  }
}

type Clocks = Pick<Clock, 'monotonicMs' | 'nowMs'>

type Applying = {
  readonly projection: string
  readonly partition: number
  readonly records: number
  readonly clock: Clocks
}

function told([seq, { traceparent }]: readonly [number, TraceSpan]): string {
  return `${seq}=${traceparent}`
}
