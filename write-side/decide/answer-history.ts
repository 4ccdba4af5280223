import type { LedgerEvent } from '@micropay/schemas/log/event'
import type { Accepted, Resumed, StepTold } from '@micropay/schemas/log/message'
import type { Leg } from '@micropay/schemas/log/payment-legs'
import { suspenseId } from '@micropay/schemas/suspense'
import { acceptanceOf, ownResume, unansweredIn, writtenOff } from './history.ts'
import type { LedgerView } from './ledger.ts'
import type { Finding } from './lost-history.ts'
import { spansOf } from './lost-spans.ts'
import { passed } from './participant-step.ts'
import { asksOf, type Saga, sagas } from './saga.ts'
import { LEDGER, nothing, type StepFacts, type Stepped } from './stepped.ts'
import { steps } from './steps.ts'

/*
 * What partitions commit once one of them, P, has lost history and a person has accepted that. Each row of the table in
 * README.md of docs/spec is a commit of its own; the last one stands once all before it do, so that what is torn
 * between them is done again from where it stands.
 */

/** Of what is about no payment, and so about no tenant. */
const NOBODY = 'ledger'

/** At another partition: one thing that it has found in its own log and makes good. */
export function decideFinding(message: Resumed, finding: Finding, ledger: LedgerView, facts: StepFacts): Stepped {
  if (isMadeGood(finding, message.from, ledger)) return nothing
  const { tenant, actor = LEDGER } = finding
  return {
    ...{ kind: 'accepted', events: [eventOf(finding, message.from, ledger, facts)], tenant, actor },
    causes: [{ partition: message.from, ...message.at }],
  }
}

/** The last row, and what it rests on: all that was found is made good. */
export function decideHistoryAccepted(message: Resumed, findings: readonly Finding[], ledger: LedgerView): Stepped {
  const { from, at, open } = message
  const lost = unknownIn(message, ledger)
  if (lost.length === 0 && findings.length === 0) return nothing
  if (!findings.every((each) => isMadeGood(each, from, ledger))) return nothing
  return {
    ...{ kind: 'accepted', tenant: NOBODY, actor: LEDGER, causes: [{ partition: from, ...at }] },
    events: [{ type: 'HistoryAccepted', version: 1, data: { partition: from, lost, open: [...open] } }],
  }
}

/** The spans that this partition has not accepted yet. */
export function unknownIn({ from, lost }: Resumed, ledger: LedgerView): Resumed['lost'] {
  const known = spansOf(from, ledger)
  return lost.filter(({ after, seq }) => !known.some((each) => each.after === after && each.seq === seq))
}

/** Whether the state says that it was made good: a batch may have been torn before. */
export function isMadeGood(finding: Finding, from: number, ledger: LedgerView): boolean {
  switch (finding.kind) {
    case 'forgotten':
      return ledger.read(steps, finding.paymentId) !== undefined
    case 'promised':
      return ledger.read(steps, finding.paymentId)?.state !== 'prepared'
    case 'posted':
      return ledger.read(writtenOff, finding.paymentId) === true
    case 'ended': {
      const saga = ledger.read(sagas, finding.begun.paymentId)
      return saga !== undefined && asksOf(saga).includes(from)
    }
  }
}

function eventOf(finding: Finding, from: number, ledger: LedgerView, { partition, decidedAt }: StepFacts): LedgerEvent {
  switch (finding.kind) {
    case 'forgotten': {
      const { paymentId, state, at, sides, rejection } = finding
      const data = { paymentId, state, at, ...(sides && { sides }), ...(rejection && { rejection }) }
      return { type: 'LegsRecalled', version: 1, data }
    }
    case 'promised': {
      const { paymentId, legs } = finding
      return { type: 'LegsReleased', version: 2, data: { paymentId, legs: [...legs], code: 'history_lost' } }
    }
    case 'posted': {
      const { paymentId, legs } = finding
      const moved = [...passed(from, legs, 1n), ...inSuspense(partition, legs)]
      const data = { paymentId, legs: moved, effectiveAt: decidedAt }
      return { type: 'LegsWrittenOff', version: 1, data }
    }
    case 'ended': {
      const { begun, outcome } = finding
      // Another partition may have lost what it had answered, too, and be asked again since.
      const saga = ledger.read(sagas, begun.paymentId)
      const asks = [...(saga ? asksOf(saga) : []), from].sort((one, other) => one - other)
      return { type: 'PaymentReopened', version: 1, data: { ...begun, outcome, asks } }
    }
  }
}

/** What posted legs brought in all has nobody who gave it. */
function inSuspense(partition: number, legs: readonly Leg[]): Leg[] {
  return passed(partition, legs, -1n).map((leg) => ({
    ...leg,
    // No account that somebody opens has such an id.
    account: suspenseId(partition, leg.currency) as Leg['account'],
  }))
}

/** At P: a payment that is open here and was posted there, which is how it came out. */
export function learnable(message: Accepted, told: StepTold, ledger: LedgerView): Saga | undefined {
  return isAwaited(message, ledger) && isNews(told, ledger) ? ledger.read(sagas, told.payment) : undefined
}

/** At P: that partition has said all that it knows. */
export function decideHistoryAnswered(message: Accepted, ledger: LedgerView): Stepped {
  const { from, at, steps: told } = message
  if (!isAwaited(message, ledger) || told.some((each) => isNews(each, ledger))) return nothing
  return {
    ...{ kind: 'accepted', tenant: NOBODY, actor: LEDGER, causes: [{ partition: from, ...at }] },
    events: [{ type: 'HistoryAnswered', version: 1, data: { partition: from } }],
  }
}

/**
 * Whatever that partition was asked before, it did not know of the newest loss here, or was not asked what it did of
 * payments that were opened again as it lost history itself.
 */
function isAwaited({ from, asked }: Accepted, ledger: LedgerView): boolean {
  const since = Math.max(ownResume(ledger)?.seq ?? 0, acceptanceOf(from, ledger)?.seq ?? 0)
  return unansweredIn(ledger).includes(from) && asked >= since
}

function isNews({ payment, state }: StepTold, ledger: LedgerView): boolean {
  const before = ledger.read(sagas, payment)?.state
  return state === 'posted' && before !== undefined && before !== 'completed' && before !== 'failed'
}
