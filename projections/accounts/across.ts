import { counterpartiesOf } from '@micropay/schemas/counterparties'
import { canonicalPaymentId, type PaymentId } from '@micropay/schemas/identifiers'
import type { Commit } from '@micropay/schemas/log/commit'
import type { EventOf, LedgerEvent } from '@micropay/schemas/log/event'
import type { Leg } from '@micropay/schemas/log/payment-legs'
import { isToPay } from '@micropay/schemas/paying-legs'
import { isTransitId } from '@micropay/schemas/transit'
import { ProjectionError } from '../projection.ts'
import { isBelowLimit, settleLimit } from './account-row.ts'
import { at, type Batch, changeable, move, notRejected, paymentRow, rejectionOf, wordsOf } from './batch.ts'
import type { NewAccount, NewAcrossPayment, StoredLeg } from './tables.ts'

/**
 * What one partition says of a payment across several. Each writes rows of its own alone, from its own commits alone:
 * its coordinator those of the payment, every one the entries of its accounts. What belongs together is joined when it
 * is read, so that it does not matter which partition was read first. No other event does anything.
 */
export function noteAcross(batch: Batch, commit: Commit, event: LedgerEvent): void {
  switch (event.type) {
    case 'PaymentInitiated':
      begin(batch, commit, event)
      return
    case 'PaymentCompleted':
      complete(batch, commit, event)
      return
    case 'PaymentFailed':
      fail(batch, commit, event)
      return
    case 'LegsPrepared':
      hold(batch, commit, event.data.legs, 1n)
      return
    case 'LegsReleased':
      hold(batch, commit, event.data.legs, -1n)
      return
    case 'LegsPosted':
      postLegs(batch, commit, event)
      return
    case 'LegsWrittenOff':
      moveOwn(batch, commit, event.data)
  }
}

function begin(batch: Batch, commit: Commit, { data }: EventOf<'PaymentInitiated'>): void {
  const others = counterpartiesOf(data.legs)
  const legs = data.legs.map((leg, index): StoredLeg => ({ ...leg, other: others[index] }))
  const how = { status: 'pending' as const, ...notRejected, kind: data.kind ?? null }
  const row = paymentRow(batch, commit, { ...how, ...wordsOf(data), legs: JSON.stringify(legs) })
  batch.acrossPayments.set(row.payment_id, { ...row, deadline: data.deadline })
}

function complete(batch: Batch, commit: Commit, { data }: EventOf<'PaymentCompleted'>): void {
  const { payment, legs } = openPayment(batch, commit, data.paymentId)
  batch.acrossPayments.set(payment.payment_id, { ...payment, status: 'posted', kind: data.kind })
  for (const account_id of new Set(legs.map(({ account }) => account))) {
    batch.postedAcross.push({ account_id, ...placeOf(payment) })
  }
}

/** It is listed under those of this partition alone that were to pay: of others it is not known who may pay there. */
function fail(batch: Batch, commit: Commit, { data }: EventOf<'PaymentFailed'>): void {
  const { payment, legs } = openPayment(batch, commit, data.paymentId)
  const { rejection } = data
  batch.acrossPayments.set(payment.payment_id, { ...payment, status: 'rejected', ...rejectionOf(rejection, legs) })
  const own = commit.events.find(({ type }) => type === 'LegsReleased')?.data
  const toPay = own && 'legs' in own ? own.legs.filter(isToPay) : []
  for (const account_id of new Set(toPay.map(({ account }) => account))) {
    batch.refusedPayments.push({ account_id, ...placeOf(payment) })
  }
}

function openPayment(batch: Batch, commit: Commit, paymentId: PaymentId) {
  const id = canonicalPaymentId(paymentId)
  const payment = batch.acrossPayments.get(id) ?? batch.known.acrossPayments.get(id)
  if (!payment) throw new ProjectionError(`${at(batch, commit)} decides ${id}, which was never begun`)
  const legs: StoredLeg[] = JSON.parse(payment.legs)
  return { payment, legs }
}

function placeOf({ partition, seq, tenant, decided_at, effective_at }: NewAcrossPayment) {
  return { decided_at, effective_at, partition, seq, tenant }
}

/** Holds what leaves accounts, and keeps room for what comes to them; or, with -1, lets go of both. */
function hold(batch: Batch, commit: Commit, legs: readonly Leg[], times: bigint): void {
  for (const { account: id, amount } of legs) {
    const account = changeable(batch, commit, id)
    const minor = BigInt(amount) * times
    if (amount.startsWith('-')) account.held_minor -= minor
    else account.due_minor += minor
    settleLimit(account)
  }
}

function postLegs(batch: Batch, commit: Commit, { data }: EventOf<'LegsPosted'>): void {
  const own = data.legs.filter(({ account }) => !isTransitId(account))
  if (data.promised) hold(batch, commit, own, -1n)
  moveOwn(batch, commit, data)
  if (data.forced) for (const { account } of own) noteForced(changeable(batch, commit, account), commit)
}

/** What it leaves below its limit is shown until it is within it again. */
function noteForced(account: NewAccount, { decidedAt }: Commit): void {
  if (isBelowLimit(account)) account.forced_at ??= decidedAt
}

type Posted = Pick<EventOf<'LegsPosted' | 'LegsWrittenOff'>['data'], 'paymentId' | 'legs' | 'effectiveAt'>

function moveOwn(batch: Batch, commit: Commit, { paymentId, legs, effectiveAt: effective_at }: Posted): void {
  const unknown = { kind: null, counterparty: null, reference: null, description: null, reverses: null }
  const words = { payment_id: canonicalPaymentId(paymentId), effective_at, ...unknown }
  const seen = new Map<string, number>()
  const own = legs.filter(({ account }) => !isTransitId(account))
  for (const [index, { account, amount, currency }] of own.entries()) {
    const nth = seen.get(account) ?? 0
    seen.set(account, nth + 1)
    move(batch, commit, { account, amountMinor: BigInt(amount), currency, index }, { ...words, nth })
  }
  const place = { partition: batch.partition, seq: BigInt(commit.seq), tenant: commit.tenant }
  batch.postedLegs.push({ ...place, payment_id: words.payment_id, decided_at: commit.decidedAt })
}
