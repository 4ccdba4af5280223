import type { Appended, NewRecord } from '@micropay/event-log/event-log'
import { carriedBy, isTracing, startSpan, type TraceSpan } from '@micropay/runtime/telemetry/tracing'
import type { PaymentId } from '@micropay/schemas/identifiers'
import { formatPosition, type Position } from '@micropay/schemas/position'
import { isStep, type OwnerRequest } from './command.ts'
import type { OpenDraft } from './doubt.ts'
import { stepTypes } from './make-commit.ts'

/** So many of one append are traced at most. */
const MOST_TRACED = 64

/**
 * The traces of what one append holds: how long each waited for its turn, its decision, and the append itself, whose
 * span goes beside the record. Undefined where none of them is recorded. Times are by the monotonic clock.
 */
export function traceBatch(drafts: readonly OpenDraft[], first: Position, at: BatchTimes): TracedBatch | undefined {
  if (!isTracing()) return undefined
  const begun = new Map<OpenDraft, TraceSpan>()
  for (const [index, draft] of drafts.entries()) {
    if (begun.size === MOST_TRACED) break
    const position = { partition: first.partition, seq: first.seq + index }
    const span = traceDraft(draft, position, drafts.length, at)
    if (span) begun.set(draft, span)
  }
  if (begun.size === 0) return undefined
  return {
    records: drafts.map((draft) => ({ ...draft.record, traceparent: begun.get(draft)?.traceparent })),
    tell(hear) {
      for (const [draft, span] of begun) for (const payment of draft.change.stepped) hear(payment, span.traceparent)
    },
    async during(appending) {
      try {
        const appended = await appending
        for (const span of begun.values()) span.end()
        return appended
      } catch (error) {
        for (const span of begun.values()) span.end('it is not known whether the log has it')
        throw error
      }
    },
  }
}

/** When the batch was taken from the queue, and when it was decided. */
export type BatchTimes = { readonly takenMs: number; readonly decidedMs: number }

export type TracedBatch = {
  readonly records: readonly NewRecord[]
  /** Says of each payment across partitions that one of them is a step of what goes on with it. */
  tell(hear: (payment: PaymentId, traceparent: string) => void): void
  /** Ends the spans with what becomes of the append. */
  during(appending: Promise<Appended>): Promise<Appended>
}

function traceDraft({ entry }: OpenDraft, position: Position, commits: number, at: BatchTimes): TraceSpan | undefined {
  const { request, since } = entry
  const parent = traceOf(request)
  if (parent === undefined) return undefined
  const { takenMs, decidedMs } = at
  const command = isStep(request) ? stepTypes[request.step.kind] : request.command.type
  const attributes = { 'micropay.position': formatPosition(position), 'micropay.command': command }
  startSpan('queue', parent, { sinceMs: Math.min(since, takenMs), attributes })?.end(undefined, takenMs)
  const batch = { ...attributes, 'micropay.batch_commits': commits }
  startSpan('decide', parent, { sinceMs: takenMs, attributes: batch })?.end(undefined, decidedMs)
  return startSpan('append', parent, { sinceMs: decidedMs, attributes: batch })
}

/** Of a step, the one that its message came with. */
function traceOf(request: OwnerRequest): string | undefined {
  if (!isStep(request)) return request.traceparent
  return request.step.kind === 'heard' ? carriedBy(request.step.message) : undefined
}
