import { type AccountId, canonicalPaymentId, type PaymentId } from '@micropay/schemas/identifiers'
import type { Leg } from '@micropay/schemas/log/payment-legs'
import { asItIs, type LedgerView, type Put, put, stateTable } from './ledger.ts'

/** What refunds of a payment have moved so far, by account: what left an account is below zero. */
type GivenBack = readonly { readonly account: AccountId; readonly amount: string }[]

/** Of payments that have a refund, and of no others. Refunds in old logs name one payment in several spellings. */
const givenBack = stateTable('given-back', canonicalPaymentId, asItIs<GivenBack>())
export const givenBackTables = [givenBack]

/** By account, in minor units; of a payment without a refund nothing. */
export function givenBackOf(paymentId: PaymentId, ledger: LedgerView): Map<AccountId, bigint> {
  const given = ledger.read(givenBack, paymentId) ?? []
  return new Map(given.map(({ account, amount }) => [account, BigInt(amount)]))
}

export function putGivenBack(paymentId: PaymentId, legs: readonly Leg[], ledger: LedgerView): Put {
  const sums = givenBackOf(paymentId, ledger)
  for (const { account, amount } of legs) sums.set(account, (sums.get(account) ?? 0n) + BigInt(amount))
  return put(
    givenBack,
    paymentId,
    Array.from(sums, ([account, minor]) => ({ account, amount: minor.toString() })),
  )
}
