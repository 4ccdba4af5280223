import type { LedgerEvent } from '@micropay/schemas/log/event'
import { PARTITIONS } from './partitions.ts'

/** What a resume gave up, and the hash behind it. */
export type Span = { readonly after: number; readonly seq: number; readonly hash: string }

/** What is known on a partition of history that was lost and accepted: its own, and that of others. */
export function createHistory(partition: number) {
  const spans: Span[] = []
  const accepted = new Map<number, number>()
  const unanswered = new Set<number>()
  return {
    known: { spans, accepted, unanswered },
    resume(span: Span): void {
      spans.push(span)
      for (let other = 0; other < PARTITIONS; other += 1) if (other !== partition) unanswered.add(other)
    },
    enter({ type, data }: LedgerEvent): void {
      if (type === 'HistoryAnswered') unanswered.delete(data.partition)
      if (type !== 'HistoryAccepted') return
      const newest = Math.max(0, ...data.lost.map(({ seq }) => seq))
      accepted.set(data.partition, Math.max(accepted.get(data.partition) ?? 0, newest))
      // Who knows of my loss may have lost what it knew.
      if (spans.length > 0 && data.lost.length > 0) unanswered.add(data.partition)
    },
  }
}

type Lost = { readonly spans: readonly Span[] }
type Place = { readonly partition: number; readonly seq: number }

/** Whether a position was given up by a resume of its partition. */
export function isGone(truths: readonly Lost[], { partition, seq }: Place): boolean {
  return truths[partition]?.spans.some((span) => span.after < seq && seq < span.seq) ?? false
}
