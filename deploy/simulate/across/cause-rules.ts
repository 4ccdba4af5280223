import type { PaymentId } from '@micropay/schemas/identifiers'
import type { Cause, Commit } from '@micropay/schemas/log/commit'
import type { LedgerEvent } from '@micropay/schemas/log/event'
import type { Truth } from './truth.ts'

export type Event<Type extends LedgerEvent['type']> = Extract<LedgerEvent, { type: Type }>
export type Data<Type extends LedgerEvent['type']> = Event<Type>['data']
/** A commit that counts, before it is entered. */
export type Step = { readonly commit: Commit; readonly truth: Truth; readonly truths: readonly Truth[] }
export type Named = { readonly paymentId: PaymentId }
export type Kinds = readonly LedgerEvent['type'][]

export function commitAt({ truths }: Step, cause: Cause | undefined): Commit | undefined {
  const found = cause && truths[cause.partition]?.at(cause.seq)
  return found?.hash === cause?.hash ? found?.commit : undefined
}

/** Each cause counts, says one of these things of the payment, and, where it is said, comes from that partition. */
export function wrongCauses(
  step: Step,
  { paymentId }: Named,
  said: readonly Kinds[],
  from?: readonly number[],
): string | undefined {
  const { causes = [] } = step.commit
  if (causes.length !== said.length) return `${causes.length} causes, and it takes ${said.length}`
  for (const [index, cause] of causes.entries()) {
    const where = `${cause.partition}:${cause.seq}`
    const span = spanAround(step, cause)
    if (span && isAccepted(step, cause.partition, span.seq)) return `it rests on ${where}, which is known to be gone`
    if (span) continue
    const commit = commitAt(step, cause)
    if (!commit) return `it names ${where}, which does not count`
    const isSaid = commit.events.some(
      ({ type, data }) => said[index]?.includes(type) && 'paymentId' in data && data.paymentId === paymentId,
    )
    if (!isSaid) return `${where} does not say ${said[index]?.join(' or ')} of ${paymentId}`
  }
  const named = causes.map(({ partition }) => partition).toSorted((one, other) => one - other)
  return from && named.join() !== from.join() ? `partitions ${named} said so, and not ${from}` : undefined
}

/** What gave up a position; undefined of one that stands. */
export function spanAround({ truths }: Step, { partition, seq }: { readonly partition: number; readonly seq: number }) {
  return truths[partition]?.spans.find((span) => span.after < seq && seq < span.seq)
}

/** Whether the partition of the commit knows of a resume of that one. */
export function isAccepted({ truth }: Step, partition: number, seq: number): boolean {
  return (truth.accepted.get(partition) ?? 0) >= seq
}

/** The one cause is the resume that gave up something, or one that was given up itself. */
export function wrongResume(step: Step, partition: number): string | undefined {
  const [cause, ...more] = step.commit.causes ?? []
  if (!cause || more.length > 0 || cause.partition !== partition) return `partition ${partition} alone said so`
  const resume = step.truths[partition]?.spans.find(({ seq }) => seq === cause.seq)
  if (resume) return resume.hash === cause.hash ? undefined : `the resume at ${cause.seq} has another hash`
  const span = spanAround(step, cause)
  if (!span) return `${partition}:${cause.seq} is no resume`
  return isAccepted(step, partition, span.seq) ? `the resume at ${cause.seq} is known to be gone` : undefined
}
