import type { MadeGood } from '@micropay/schemas/api/across'
import { type PaymentId, placeOfId } from '@micropay/schemas/identifiers'
import type { Commit } from '@micropay/schemas/log/commit'
import type { LedgerEvent } from '@micropay/schemas/log/event'
import type { Leg } from '@micropay/schemas/log/payment-legs'
import type { Position } from '@micropay/schemas/position'
import { suspenseOf } from '@micropay/schemas/suspense'

/** How a payment ended that lost history had touched, by a commit of one of its partitions. */
export type Mended = Position & {
  readonly kind: MadeGood['kind']
  readonly paymentId: PaymentId
  /** The partitions whose lost history it makes good. */
  readonly lostBy: readonly number[]
  /** By currency, in minor units: what the partition, or all of a payment that is opened again, moves. */
  readonly amounts: ReadonlyMap<string, bigint>
  /** What of it stands on suspense accounts, with its sign. */
  readonly inSuspense: ReadonlyMap<string, bigint>
}

/** What a commit makes good of what was lost; nothing where it is none of the kind. */
export function mendedBy({ events }: Commit, place: Position): Mended[] {
  return events.flatMap((event) => {
    const told = toldBy(event, place.partition)
    if (!told) return []
    const { paymentId, legs } = told
    // What is learned is posted beside it.
    const moved = legs ?? events.flatMap(({ type, data }) => (type === 'LegsPosted' ? data.legs : []))
    const suspense = moved.filter(({ account }) => suspenseOf(account) !== undefined)
    const { partition, seq } = place
    const { kind, lostBy } = told
    return [{ partition, seq, kind, paymentId, lostBy, amounts: amountsOf(moved), inSuspense: netOf(suspense) }]
  })
}

type Told = Pick<Mended, 'kind' | 'paymentId' | 'lostBy'> & { readonly legs?: readonly Leg[] }

function toldBy({ type, data }: LedgerEvent, partition: number): Told | undefined {
  switch (type) {
    case 'PaymentCompleted':
      return data.learned && { kind: 'learned', paymentId: data.paymentId, lostBy: [partition] }
    case 'PaymentReopened':
      return { kind: 'reopened', paymentId: data.paymentId, lostBy: data.asks, legs: data.legs }
    case 'LegsPosted':
      return data.forced && { kind: 'forced', paymentId: data.paymentId, lostBy: [partition], legs: data.legs }
    case 'LegsReleased':
      return data.code && { kind: 'released', ...ofCoordinator(data) }
    case 'LegsWrittenOff':
      return { kind: 'written_off', ...ofCoordinator(data) }
    default:
      return undefined
  }
}

function ofCoordinator({ paymentId, legs }: { readonly paymentId: PaymentId; readonly legs: readonly Leg[] }) {
  return { paymentId, legs, lostBy: [placeOfId(paymentId).partition] }
}

/** What comes to accounts or, where that is more, leaves them. */
function amountsOf(legs: readonly Leg[]): Map<string, bigint> {
  const into = netOf(legs.filter(({ amount }) => !amount.startsWith('-')))
  const out = netOf(legs.filter(({ amount }) => amount.startsWith('-')))
  for (const [currency, minor] of out) if (-minor > (into.get(currency) ?? 0n)) into.set(currency, -minor)
  return into
}

function netOf(legs: readonly Leg[]): Map<string, bigint> {
  const sums = new Map<string, bigint>()
  for (const { currency, amount } of legs) sums.set(currency, (sums.get(currency) ?? 0n) + BigInt(amount))
  return sums
}

/** All of them added up, by partition and kind. */
export function createMadeGood() {
  const sums = new Map<string, Omit<Mended, 'seq' | 'paymentId' | 'lostBy'> & { payments: number }>()
  return {
    take(commit: Commit, place: Position): void {
      for (const { partition, kind, amounts, inSuspense } of mendedBy(commit, place)) {
        const key = `${partition} ${kind}`
        const before = sums.get(key) ?? { partition, kind, amounts: new Map(), inSuspense: new Map(), payments: 0 }
        const payments = before.payments + 1
        const added = { amounts: sumOf(before.amounts, amounts), inSuspense: sumOf(before.inSuspense, inSuspense) }
        sums.set(key, { partition, kind, payments, ...added })
      }
    },
    found: (): MadeGood[] =>
      [...sums.values()]
        .sort((one, other) => one.partition - other.partition || (one.kind < other.kind ? -1 : 1))
        .map((each) => ({ ...each, amounts: told(each.amounts), inSuspense: told(each.inSuspense) })),
  }
}

function sumOf(one: ReadonlyMap<string, bigint>, other: ReadonlyMap<string, bigint>): Map<string, bigint> {
  const sums = new Map(one)
  for (const [currency, minor] of other) sums.set(currency, (sums.get(currency) ?? 0n) + minor)
  return sums
}

function told(amounts: ReadonlyMap<string, bigint>): { currency: string; amount: string }[] {
  return [...amounts].sort().map(([currency, minor]) => ({ currency, amount: minor.toString() }))
}
