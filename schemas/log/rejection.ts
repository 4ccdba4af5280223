import { z } from 'zod'

/**
 * Every reason that a decision can refuse a command for, in order of precedence: the caller is told the first one that
 * applies. A rejection is a fact of the ledger (a commit with its key), so the same command gets the same answer again.
 */
export const rejectionCodes = [
  'account_exists',
  'opening_in_future',
  'account_not_found',
  'account_closed',
  'account_frozen',
  'account_not_frozen',
  'account_not_empty',
  'account_not_of_house',
  'payee_not_payable',
  'currency_mismatch',
  'value_date_not_today',
  'value_date_in_future',
  'period_closed',
  'value_date_before_opening',
  'insufficient_funds',
  'balance_overflow',
  'assertion_failed',
  'statement_wrong_account',
  'statement_already_imported',
  'payee_exists',
  'payee_not_found',
  'too_many_payees',
  'period_in_future',
  'period_already_closed',
  'period_gap',
  'period_not_reached',
  'period_changed',
  'period_not_closed',
  'period_not_last',
  'proposal_not_found',
  'proposal_decided',
  'proposal_lapsed',
  'proposal_changed',
  'approval_by_maker',
  'payment_not_found',
  'refund_not_possible',
  'refund_before_payment',
  'refund_exceeds_payment',
  'statement_not_found',
  'statement_withdrawn',
  'payee_checks_exceeded',
  'payment_cancelled',
  'payment_expired',
  'payment_not_open',
  'period_closing',
  'period_not_closing',
  'period_called_off',
  'period_not_sealed',
] as const
export const RejectionCode = z.enum(rejectionCodes).meta({ id: 'RejectionCode' })
export type RejectionCode = z.infer<typeof RejectionCode>

/** Refused for these, a refund may name accounts that its giver has nothing to do with. */
export const refusedBeforeItsLegs: ReadonlySet<RejectionCode> = new Set([
  'payment_not_found',
  'refund_not_possible',
  'refund_before_payment',
  'refund_exceeds_payment',
])

/** Refused for these, a payment is refused for an account of one of its legs. */
export const refusedForAnAccount: ReadonlySet<RejectionCode> = new Set([
  'account_not_found',
  'account_closed',
  'account_frozen',
  'currency_mismatch',
  'value_date_before_opening',
  'insufficient_funds',
  'balance_overflow',
  'assertion_failed',
])

/** All that people are told of an account of somebody else's that cannot be paid, whatever the cause. */
export function notPayableWords(accountId: string): string {
  return `${accountId} cannot be paid: ask whom you want to pay which account they have`
}

/** Why a command was refused: a stable code, a sentence for people, and where in the request it went wrong. */
export const Rejection = z
  .object({ code: RejectionCode, detail: z.string(), pointer: z.string().optional() })
  .meta({ id: 'Rejection' })
export type Rejection = z.infer<typeof Rejection>

/** The reason behind a reason, where who asked is not to know it. */
export const RefusalCause = z.object({ code: z.string(), detail: z.string() })
export type RefusalCause = z.infer<typeof RefusalCause>
