import assert from 'node:assert/strict'
import type { CancelDecided, CancelPayment } from '@micropay/schemas/api/payment'
import { type PaymentId, placeOfId } from '@micropay/schemas/identifiers'
import { unansweredIn } from './history.ts'
import {
  accepted,
  type CommandRule,
  type Decision,
  type DecisionFacts,
  eventOf,
  HistoryUnansweredError,
  type LedgerView,
  rejected,
} from './ledger.ts'
import { sagas } from './saga.ts'
import { failed, failureWords } from './step.ts'

type Cancelling = CancelPayment & { readonly paymentId: PaymentId }
/** `cancelling` where the one who decides was asked to let it be. */
type CancelKept = { readonly cancelled: CancelDecided['status'] }

/** A payment that is under way is let be by whoever gave it, or by staff. */
export const cancelPaymentCommands = {
  CancelPayment: {
    place: ({ paymentId }) => paymentId,
    decide: decideCancelPayment,
    keep: (events): CancelKept => ({ cancelled: eventOf(events, 'CancelRequested') ? 'cancelling' : 'cancelled' }),
    answer({ paymentId }, { cancelled, decidedAt }): CancelDecided {
      assert(cancelled, 'an accepted cancellation was kept')
      return { paymentId, status: cancelled, decidedAt }
    },
  } satisfies CommandRule<Cancelling, CancelKept, CancelDecided>,
}

function decideCancelPayment({ paymentId, reason }: Cancelling, ledger: LedgerView, facts: DecisionFacts): Decision {
  const saga = ledger.read(sagas, paymentId)
  const isTheirs = saga?.tenant === facts.tenant && (facts.mayBook || saga.actor.subject === facts.subject)
  if (!saga || !isTheirs || (saga.state !== 'preparing' && saga.state !== 'asked')) {
    return rejected('payment_not_open', `no payment ${paymentId} of yours is under way: there is nothing to cancel`)
  }
  const personal = reason === undefined ? {} : { personal: { form: 'plain' as const, data: { reason } } }
  const silent = saga.participants.find((each) => unansweredIn(ledger).includes(each))
  if (silent !== undefined) throw new HistoryUnansweredError(silent)
  if (saga.state === 'asked') {
    const data = { paymentId, code: 'payment_cancelled' as const, ...personal }
    return accepted({ type: 'CancelRequested', version: 1, data })
  }
  const { partition } = placeOfId(facts.paymentId)
  const rejection = { code: 'payment_cancelled' as const, detail: failureWords.payment_cancelled }
  return accepted(...failed(paymentId, saga, rejection, false, { partition, partitions: facts.partitions ?? 1 }))
}
