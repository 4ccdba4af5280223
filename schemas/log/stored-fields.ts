import { z } from 'zod'
import { currencyTable } from '../currencies.ts'
import { isSuspenseId } from '../suspense.ts'
import { isTransitId } from '../transit.ts'

/**
 * Fields as logs hold them, apart from what the API takes today: that may become stricter, and these only ever wider,
 * since whatever was written once is read for ever. Ids keep the patterns that they were first written with, because
 * keys are put together from them; texts are any texts. What a store can keep of them is its own limit: a key of the
 * owner's state holds some 1,900 bytes, and PostgreSQL no U+0000; the API never let either of them in.
 */
const accountIdPattern = /^(?=.{1,64}$)[A-Za-z0-9._:-]*(?:\{[A-Za-z0-9._:-]+\})?[A-Za-z0-9._:-]*$/
const paymentIdPattern = /^pay-[0-9]{1,5}-[0-9]{1,15}$/
const ownerIdPattern = /^[A-Za-z0-9._:@-]{1,64}$/
const amountPattern = /^[1-9][0-9]{0,15}$/
const greatestAmount = '1000000000000000'

export const StoredAccountId = z.string().regex(accountIdPattern).brand<'AccountId'>()
/** An account that may be paid: also a suspense account, whose id nobody can open one by. */
export const StoredPayableId = z.string().refine(isStoredPayableId).brand<'AccountId'>()
/** An account of a leg that was posted: also a transit account, which nobody opens either. */
export const StoredLegAccountId = z
  .string()
  .refine((text) => isStoredPayableId(text) || isTransitId(text))
  .brand<'AccountId'>()
export const StoredPaymentId = z.string().regex(paymentIdPattern).brand<'PaymentId'>()
export const StoredPeriodId = idOf('prd').brand<'PeriodId'>()
export const StoredPolicyId = idOf('pol').brand<'PolicyId'>()
export const StoredProposalId = idOf('prp').brand<'ProposalId'>()
/** Where a commit stands: `3:1842`. */
export const StoredPosition = z.string().regex(/^[0-9]{1,5}:[0-9]{1,15}$/)
export const StoredOwnerId = z.string().regex(ownerIdPattern).brand<'OwnerId'>()

/** Minor units of one posting, as an integer string. */
export const StoredAmount = z.string().refine(isStoredAmount)
/** Minor units of one leg, as a signed integer string: what leaves the account is below zero. */
export const StoredMovement = z.string().refine(isStoredMovement)
/** A sum or a signed movement in minor units, as an integer string. */
export const StoredSum = z.string().regex(/^-?[0-9]+$/)
/** ISO 4217. Codes that are withdrawn keep their row in the table. */
export const StoredCurrency = z.string().refine(isStoredCurrency)
/** Minor units below zero, or `unlimited`. */
export const StoredLimit = z.string().regex(/^(?:[0-9]+|unlimited)$/)
export const StoredDay = z.string().regex(/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/)
/** What people wrote: names, references, account numbers of banks. No rule for texts that came later applies to it. */
export const StoredText = z.string()

type StoredAccountId = z.infer<typeof StoredAccountId>
type StoredPaymentId = z.infer<typeof StoredPaymentId>

export function isStoredAccountId(text: string): text is StoredAccountId {
  return accountIdPattern.test(text)
}

export function isStoredPayableId(text: string): text is StoredAccountId {
  return isStoredAccountId(text) || isSuspenseId(text)
}

export function isStoredOwnerId(text: string): text is z.infer<typeof StoredOwnerId> {
  return ownerIdPattern.test(text)
}

export function isStoredPaymentId(text: string): text is StoredPaymentId {
  return paymentIdPattern.test(text)
}

export function isStoredMovement(text: string): boolean {
  return text === '0' || isStoredAmount(text.startsWith('-') ? text.slice(1) : text)
}

export function isStoredAmount(text: string): boolean {
  return amountPattern.test(text) && (text.length < greatestAmount.length || text <= greatestAmount)
}

export function isStoredCurrency(text: string): boolean {
  return Object.hasOwn(currencyTable, text)
}

/** A name of what began at a position. */
function idOf(kind: string) {
  return z.string().regex(new RegExp(`^${kind}-[0-9]{1,5}-[0-9]{1,15}$`))
}
