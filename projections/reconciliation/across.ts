import { counterpartiesOf } from '@micropay/schemas/counterparties'
import { canonicalPaymentId, type PaymentId } from '@micropay/schemas/identifiers'
import type { Commit } from '@micropay/schemas/log/commit'
import type { EventOf, LedgerEvent } from '@micropay/schemas/log/event'
import { transitPartnerOf } from '@micropay/schemas/transit'
import { ProjectionError } from '../projection.ts'
import type { NewAcrossPayment } from './across-tables.ts'
import { type Batch, move } from './batch.ts'
import { namesOf, timesOf } from './sums.ts'
import type { Summand } from './tables.ts'
import type { NewUnnamedLeg } from './unnamed-legs.ts'

/**
 * What one partition says of a payment across several: each writes rows of its own alone, from its own commits alone,
 * so that it does not matter which was read first. No other event does anything.
 */
export function noteAcross(batch: Batch, commit: Commit, event: LedgerEvent): void {
  switch (event.type) {
    case 'PaymentInitiated':
      begin(batch, commit, event)
      return
    case 'PaymentCompleted':
      goOn(batch, commit, event.data.paymentId, event.data.ended ? 'ended' : 'posting')
      return
    case 'PaymentFailed':
      goOn(batch, commit, event.data.paymentId, event.data.ended ? 'ended' : 'releasing')
      return
    case 'PaymentEnded':
      for (const paymentId of event.data.paymentIds) goOn(batch, commit, paymentId, 'ended')
      return
    case 'PaymentReopened':
      goOn(batch, commit, event.data.paymentId, event.data.outcome === 'completed' ? 'posting' : 'releasing')
      return
    case 'LegsPosted':
    case 'LegsWrittenOff':
      postLegs(batch, commit, event.data)
  }
}

/** Ids of the payments across partitions that a batch brings on. */
export function movedPayments(commits: readonly Commit[]): Set<string> {
  const moved = commits.flatMap(({ events }) =>
    events.flatMap(({ type, data }) => {
      if (type === 'PaymentEnded') return data.paymentIds
      const isMoved = type === 'PaymentCompleted' || type === 'PaymentFailed' || type === 'PaymentReopened'
      return isMoved ? [data.paymentId] : []
    }),
  )
  return new Set(moved.map(canonicalPaymentId))
}

function begin(batch: Batch, commit: Commit, { data }: EventOf<'PaymentInitiated'>): void {
  const others = counterpartiesOf(data.legs)
  const payment_id = canonicalPaymentId(data.paymentId)
  batch.acrossPayments.set(payment_id, {
    payment_id,
    partition: batch.partition,
    seq: BigInt(commit.seq),
    tenant: commit.tenant,
    state: 'deciding',
    participants: JSON.stringify(data.participants),
    legs: JSON.stringify(data.legs.map((leg, index) => ({ ...leg, other: others[index] }))),
    effective_at: data.effectiveAt,
    decided_at: commit.decidedAt,
    deadline: data.deadline,
    reference: data.personal?.data.reference ?? null,
    description: data.personal?.data.description ?? null,
    ...namesOf(data.personal?.data.metadata),
  })
}

function goOn(batch: Batch, commit: Commit, paymentId: PaymentId, state: NewAcrossPayment['state']): void {
  const id = canonicalPaymentId(paymentId)
  const before = batch.acrossPayments.get(id) ?? batch.known.acrossPayments.get(id)
  if (!before) {
    throw new ProjectionError(`the commit at ${batch.partition}:${commit.seq} is of ${id}, which was never begun`)
  }
  batch.acrossPayments.set(id, { ...before, state })
}

type Posted = Pick<EventOf<'LegsPosted' | 'LegsWrittenOff'>['data'], 'paymentId' | 'legs' | 'effectiveAt'>

/**
 * What a payment is called its coordinator alone knows: its entries count under no operation and no purpose until
 * somebody has looked whether that was read (unnamed-legs.ts).
 */
function postLegs(batch: Batch, commit: Commit, { paymentId, legs, effectiveAt }: Posted): void {
  const { tenant } = commit
  const sums = { names: namesOf(undefined), times: batch.isLoading ? undefined : timesOf(effectiveAt) }
  const payment_id = canonicalPaymentId(paymentId)
  const words = { payment_id, effective_at: effectiveAt, counterparty: null, reference: null, description: null }
  const seen = new Map<string, number>()
  for (const [index, { account, amount, currency }] of legs.entries()) {
    const other = transitPartnerOf(account)
    const amountMinor = BigInt(amount)
    if (other === undefined) {
      const nth = seen.get(account) ?? 0
      seen.set(account, nth + 1)
      const summand = move(batch, commit, { account, amountMinor, currency, index, ...sums }, { ...words, nth })
      if (summand) batch.unnamedLegs.push({ ...unnamed(summand), payment_id })
      continue
    }
    const place = { tenant, partition: batch.partition, other, currency }
    batch.transits.push({ ...place, balance: amountMinor })
    const entry = { ...place, seq: BigInt(commit.seq), amount_minor: amountMinor, effective_at: effectiveAt }
    batch.transitEntries.push(entry)
  }
}

function unnamed({ entries: _, month: __, ...summand }: Summand): Omit<NewUnnamedLeg, 'payment_id'> {
  return { ...summand, operation: null, purpose: null }
}
