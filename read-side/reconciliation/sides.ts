import type { SumMinor } from '@micropay/schemas/money'
import { toldSum } from '../answer/sum.ts'

/** A balance on its side: above zero the house owes it (credit), below zero it is owed or owns it (debit). */
export function sidesOf(balance: bigint): Sides {
  return balance < 0n ? { debit: toldSum(-balance), credit: '0' } : { debit: '0', credit: toldSum(balance) }
}

type Sides = { readonly debit: SumMinor; readonly credit: SumMinor }

/** Totals of both sides as PostgreSQL has added them up. */
export function toldTotals<Total extends Sides>(totals: readonly Total[]): Total[] {
  return totals.map((total) => ({ ...total, debit: toldSum(total.debit), credit: toldSum(total.credit) }))
}
