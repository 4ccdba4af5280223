import { type PaymentId, paymentIdAt } from '@micropay/schemas/identifiers'
import type { Leg } from '@micropay/schemas/log/payment-legs'
import { type AccountKey, accountKey } from './account.ts'
import { firstDebited } from './check-legs.ts'
import { asItIs, type LedgerView, type Put, put, remove, stateTable } from './ledger.ts'

/*
 * The payments that a coordinator has open with each other partition. Their number is bounded, since all of them are
 * asked for again and again; and nobody takes the places of all others toward a partition that does not answer.
 */

/** So many payments of a coordinator may be open with one other partition. */
export const MOST_OPEN = 1_000

/** By partition, the seqs of the payments that are open with it, in rising order. */
const openSagas = stateTable('open-sagas', (partition: number) => `${partition}`, asItIs<readonly number[]>())
/** How many of those are one payer's. */
const openOfPayers = stateTable('open-of-payers', ({ payer, other }: Way) => `${other} ${payer}`, asItIs<number>())
export const openTables = [openSagas, openOfPayers]

type Way = { readonly payer: AccountKey; readonly other: number }
export type Open = { readonly seq: number; readonly payer: AccountKey }

/**
 * Whose place it takes: the account that it is about. An event names that itself, whoever gave the command and wherever
 * its owner is known; and accounts are opened by staff, so nobody gets places by opening some.
 */
export function payerOf({ tenant, legs }: { readonly tenant: string; readonly legs: readonly Leg[] }): AccountKey {
  return accountKey(tenant, firstDebited(legs))
}

/** The seqs of the payments of this coordinator that are open with a partition, rising. */
export function openWith(partition: number, ledger: LedgerView): readonly number[] {
  return ledger.read(openSagas, partition) ?? []
}

/**
 * Whether a payer has as many open with a partition as there are places left for all others. So one who takes all that
 * they get has half of them, n such payers leave one in n + 1, and whoever has none open always finds a place.
 */
export function hasUsedShare(payer: AccountKey, other: number, ledger: LedgerView): boolean {
  return openOf({ payer, other }, ledger) >= MOST_OPEN - openWith(other, ledger).length
}

function openOf(way: Way, ledger: LedgerView): number {
  return ledger.read(openOfPayers, way) ?? 0
}

/** A payment of this partition is open with these, too. */
export function putOpenWith(others: readonly number[], { seq, payer }: Open, ledger: LedgerView): Put[] {
  return others.flatMap((other) => {
    const open = openWith(other, ledger)
    if (open.includes(seq)) return []
    const rising = [...open, seq].sort((a, b) => a - b)
    const way = { payer, other }
    return [put(openSagas, other, rising), put(openOfPayers, way, openOf(way, ledger) + 1)]
  })
}

/** They are open with none of these any more. */
export function putOpenNoMore(ended: readonly Open[], others: Iterable<number>, ledger: LedgerView): Put[] {
  return [...others].flatMap((other) => {
    const open = new Set(openWith(other, ledger))
    const gone = ended.filter(({ seq }) => open.delete(seq))
    const byPayer = Map.groupBy(gone, ({ payer }) => payer)
    return [
      open.size === 0 ? remove(openSagas, other) : put(openSagas, other, [...open]),
      ...Array.from(byPayer, ([payer, { length }]) => {
        const way = { payer, other }
        const left = openOf(way, ledger) - length
        return left === 0 ? remove(openOfPayers, way) : put(openOfPayers, way, left)
      }),
    ]
  })
}

/** The payments of this partition that are open with others. */
export function openIn(partition: number, partitions: number, ledger: LedgerView): PaymentId[] {
  const seqs = new Set(Array.from({ length: partitions }, (_, other) => openWith(other, ledger)).flat())
  return [...seqs].sort((a, b) => a - b).map((seq) => paymentIdAt(partition, seq))
}
