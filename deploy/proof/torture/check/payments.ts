import type { Commit } from './commit.ts'
import type { Folded } from './fold-log.ts'
import type { Begun } from './steps.ts'

/** All payments across partitions that ever began, and every step that a partition took in one. */
export type Payments = {
  readonly partitions: number
  readonly begun: ReadonlyMap<string, Begun & { readonly commit: Commit }>
  /** By payment, the commits of a partition that say something of it, in their order. */
  stepsOf(paymentId: string, partition: number): readonly Commit[]
  at(place: { readonly partition: number; readonly seq: number }): Commit | undefined
  /** Payments that some commit speaks of. */
  readonly named: ReadonlySet<string>
}

export function paymentsIn(folded: readonly Folded[]): Payments {
  const begun = new Map<string, Begun & { readonly commit: Commit }>()
  const byPlace = new Map<string, Commit[]>()
  const named = new Set<string>()
  for (const { partition, commits } of folded) {
    for (const commit of commits) {
      const of = new Set(commit.steps.flatMap((step) => ('paymentIds' in step ? step.paymentIds : [step.paymentId])))
      for (const paymentId of of) {
        named.add(paymentId)
        const name = `${partition} ${paymentId}`
        byPlace.set(name, [...(byPlace.get(name) ?? []), commit])
      }
      for (const step of commit.steps) {
        if (step.kind === 'begun') begun.set(step.paymentId, { ...step.begun, commit })
      }
    }
  }
  return {
    ...{ partitions: folded.length, begun, named },
    stepsOf: (paymentId, partition) => byPlace.get(`${partition} ${paymentId}`) ?? [],
    at: ({ partition, seq }) => folded[partition]?.bySeq.get(seq),
  }
}
