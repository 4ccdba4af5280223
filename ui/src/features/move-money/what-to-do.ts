import type { Problem } from '@micropay/schemas/api/problem'

const advice: Readonly<Record<string, string>> = {
  insufficient_funds: 'Nothing was moved. Send less, or wait until more money has come in.',
  account_not_found: 'Nothing was moved. Check the account id with whoever gave it to you.',
  payee_not_payable: 'Nothing was moved. Ask whom you want to pay which account they have.',
  account_closed: 'Nothing was moved. Ask the receiver for another account.',
  account_frozen: 'Nothing was moved. An operator has to lift the freeze before money can leave the account again.',
  currency_mismatch: 'Nothing was moved. Pay from an account in the currency that the receiver holds.',
  assertion_failed:
    'Nothing was moved. Look at what is on the account already, then correct where it is to stand, or leave that out.',
  refund_exceeds_payment: 'Nothing was moved. Give back what is left, or less.',
  refund_before_payment: 'Nothing was moved. Choose the day of the payment, or a later one.',
  refund_not_possible: 'Nothing was moved. Make a payment the other way instead.',
  period_closed: 'Nothing was moved. Choose a day that is open, or ask finance to reopen the period.',
  value_date_in_future: 'Nothing was moved. Book it on its day, or choose today at the latest.',
  value_date_before_opening: 'Nothing was moved. Choose a day on which all its accounts were open.',
  forbidden: 'Nothing was moved. Pay from an account of your own, or ask an operator.',
}

/** What a person does next after a refusal; the problem's own detail says why it happened. */
export function whatToDo(problem: Problem): string {
  return advice[problem.code] ?? 'Nothing was moved. Change the payment and submit it again.'
}
