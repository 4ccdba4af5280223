import type { PaymentId } from '@micropay/schemas/identifiers'
import type { Commit } from '@micropay/schemas/log/commit'
import type { LedgerEvent } from '@micropay/schemas/log/event'
import { isCoordinator } from './truth.ts'

type Did = 'posted' | 'refused'

/** What each partition has done of each payment, for ever: all of them the same, and each of them once. */
export type Outcomes = {
  /** The first rule that a commit of a partition breaks. */
  take(partition: number, commit: Commit): { readonly rule: string; readonly detail: string } | undefined
  /** A partition has lost the end of its log: this is what is left of it. */
  restore(partition: number, commits: readonly Commit[]): void
  of(paymentId: PaymentId): ReadonlyMap<number, Did>
}

const nothing: ReadonlyMap<number, Did> = new Map()

/** `isLost` says whether a payment's beginning is gone: what was done of it is released, or written off. */
export function createOutcomes(isLost: (paymentId: PaymentId) => boolean): Outcomes {
  const all = new Map<PaymentId, Map<number, Did>>()
  return {
    of: (paymentId) => all.get(paymentId) ?? nothing,
    restore(partition, commits) {
      for (const of of all.values()) of.delete(partition)
      for (const event of commits.flatMap(({ events }) => events)) {
        const done = doneIn(partition, event)
        if (!done) continue
        const of = all.get(done.paymentId) ?? new Map<number, Did>()
        all.set(done.paymentId, of.set(partition, done.did))
      }
    },
    take(partition, { events, seq }) {
      for (const event of events) {
        const done = doneIn(partition, event)
        if (!done || isLost(done.paymentId)) continue
        const { paymentId, did } = done
        const of = all.get(paymentId) ?? new Map<number, Did>()
        all.set(paymentId, of)
        const detail = `${event.type} of ${paymentId} at ${partition}:${seq}, after ${[...of].join(' and ')}`
        if (of.has(partition)) return { rule: 'one outcome on each partition', detail }
        of.set(partition, did)
        if (new Set(of.values()).size > 1) return { rule: 'no payment in part', detail }
      }
      return undefined
    },
  }
}

function doneIn(partition: number, { type, data }: LedgerEvent): { paymentId: PaymentId; did: Did } | undefined {
  if (type === 'PaymentCompleted') return { paymentId: data.paymentId, did: 'posted' }
  if (type === 'PaymentFailed') return { paymentId: data.paymentId, did: 'refused' }
  if (type !== 'LegsPosted' && type !== 'LegsRefused' && type !== 'LegsReleased') return undefined
  // Of its own legs the coordinator has said so with the decision.
  if (isCoordinator(partition, data.paymentId)) return undefined
  return { paymentId: data.paymentId, did: type === 'LegsPosted' ? 'posted' : 'refused' }
}
