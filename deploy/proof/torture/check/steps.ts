import type { Leg } from './read-journal.ts'

/** What a commit says of payments across partitions; `own` legs are those of the partition that says it. */
export type Step =
  | { readonly kind: 'begun'; readonly paymentId: string; readonly begun: Begun }
  | { readonly kind: 'promised' | 'released'; readonly paymentId: string; readonly legs: readonly Leg[] }
  | {
      readonly kind: 'posted'
      readonly paymentId: string
      readonly legs: readonly Leg[]
      readonly wasPromised: boolean
      readonly effectiveAt: string
    }
  | { readonly kind: 'refused'; readonly paymentId: string; readonly code: string }
  | { readonly kind: 'completed'; readonly paymentId: string; readonly ended: boolean }
  | { readonly kind: 'failed'; readonly paymentId: string; readonly ended: boolean; readonly code: string }
  | { readonly kind: 'cancelling'; readonly paymentId: string }
  | { readonly kind: 'ended'; readonly paymentIds: readonly string[] }

export type Begun = {
  readonly legs: readonly Leg[]
  readonly participants: readonly number[]
  readonly deadline: string
  readonly effectiveAt: string
  readonly settles: boolean
  readonly reverses: string | undefined
}

/** A commit of another partition that a step rests on, and the hash behind it. */
export type Cause = { readonly partition: number; readonly seq: number; readonly hash: string }

// biome-ignore lint/suspicious/noExplicitAny: what stands in the log has no type here, on purpose
type Data = any

const makers: Readonly<Record<string, (data: Data) => Step>> = {
  PaymentInitiated: ({ paymentId, legs, participants, deadline, effectiveAt, settles = false, reverses }) => ({
    ...{ kind: 'begun', paymentId },
    begun: { legs, participants, deadline, effectiveAt, settles, reverses: reverses?.paymentId },
  }),
  LegsPrepared: ({ paymentId, legs }) => ({ kind: 'promised', paymentId, legs }),
  LegsReleased: ({ paymentId, legs }) => ({ kind: 'released', paymentId, legs }),
  LegsPosted: ({ paymentId, legs, promised, effectiveAt }) => ({
    ...{ kind: 'posted', paymentId, legs, wasPromised: promised, effectiveAt },
  }),
  LegsRefused: ({ paymentId, rejection }) => ({
    ...{ kind: 'refused', paymentId, code: rejection.cause?.code ?? rejection.code },
  }),
  PaymentCompleted: ({ paymentId, ended }) => ({ kind: 'completed', paymentId, ended }),
  PaymentFailed: ({ paymentId, ended, rejection }) => ({ kind: 'failed', paymentId, ended, code: rejection.code }),
  CancelRequested: ({ paymentId }) => ({ kind: 'cancelling', paymentId }),
  PaymentEnded: ({ paymentIds }) => ({ kind: 'ended', paymentIds }),
}

/** In the order of the commit's events. */
export function stepsIn(events: readonly Data[]): readonly Step[] {
  return events.flatMap(({ type, data }) => makers[type]?.(data) ?? [])
}
