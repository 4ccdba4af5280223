import type { FoldedRecord } from '@micropay/event-log/fold-batch'
import type { Clock } from '@micropay/runtime/clock'
import { isTracing, startLinked, startSpan, type TraceSpan } from '@micropay/runtime/telemetry/tracing'

/** What was folded at a time; by the monotonic clock. */
export type FoldedAt = { readonly folds: readonly FoldedRecord[]; readonly sinceMs: number; readonly endMs: number }

/** So many records of one transaction are traced at most. */
const MOST_TRACED = 64
/** Whoever looks at a trace that is older looks at it no more: what lies in the log from before is not told again. */
const MOST_AGE_MS = 600_000

/**
 * The traces of the records that one transaction writes: each goes on with its fold and the transaction, and the batch
 * is a trace of its own that leads to each of them. Undefined where nothing is traced.
 */
export function traceApplied(folded: readonly FoldedAt[], { projection, partition, clock }: Applying) {
  if (!isTracing() || folded.length === 0) return undefined
  const startedMs = clock.monotonicMs()
  const recentMs = clock.nowMs() - MOST_AGE_MS
  const begun = new Map<number, TraceSpan>()
  const attributes = { 'micropay.projection': projection, 'micropay.partition': partition }
  function begin(): void {
    for (const { folds, sinceMs, endMs } of folded) {
      for (const { record, folded: one } of folds) {
        if (begun.size >= MOST_TRACED) return
        if (one.kind !== 'counted' || begun.has(one.commit.seq)) continue
        const { traceparent } = record
        if (traceparent === undefined || Date.parse(one.commit.decidedAt) < recentMs) continue
        const position = { ...attributes, 'micropay.position': `${partition}:${one.commit.seq}` }
        const span = startSpan('project', traceparent, { sinceMs, attributes: position })
        if (!span) continue
        startSpan('fold', span.traceparent, { sinceMs })?.end(undefined, endMs)
        begun.set(one.commit.seq, span)
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
      const records = folded.reduce((sum, { folds }) => sum + folds.length, 0)
      const batch = { ...attributes, 'micropay.batch_records': records }
      startLinked('batch', links, { sinceMs: startedMs, attributes: batch })?.end(failure)
    },
  }
}

type Applying = {
  readonly projection: string
  readonly partition: number
  readonly clock: Pick<Clock, 'monotonicMs' | 'nowMs'>
}

function told([seq, { traceparent }]: readonly [number, TraceSpan]): string {
  return `${seq}=${traceparent}`
}
