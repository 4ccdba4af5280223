import { isDeepStrictEqual } from 'node:util'
import type { Cause, Commit } from '@micropay/schemas/log/commit'
import type { EventOf, LedgerEvent } from '@micropay/schemas/log/event'
import type { Accepted, Resumed } from '@micropay/schemas/log/message'
import { transitPartnerOf } from '@micropay/schemas/transit'
import type { LedgerView } from '../decide/ledger.ts'
import type { Finding } from '../decide/lost-history.ts'
import { sagas } from '../decide/saga.ts'
import type { Given } from '../decide/stepped.ts'
import { steps } from '../decide/steps.ts'

type HistoryStep = EventOf<
  | ('LegsReleased' | 'LegsRecalled' | 'LegsWrittenOff' | 'PaymentReopened' | 'PaymentCompleted')
  | ('HistoryAccepted' | 'HistoryAnswered')
>

/** What a commit makes good of lost history; undefined of what partitions do of any payment. */
export function historyStepIn(event: LedgerEvent): HistoryStep | undefined {
  switch (event.type) {
    case 'LegsReleased':
      return event.data.code === undefined ? undefined : event
    case 'PaymentCompleted':
      return event.data.learned ? event : undefined
    case 'LegsRecalled':
    case 'LegsWrittenOff':
    case 'PaymentReopened':
    case 'HistoryAccepted':
    case 'HistoryAnswered':
      return event
    default:
      return undefined
  }
}

/** What its partition was given, as the commit and the state say it; or what is wrong with it. */
export function historyGiven(event: HistoryStep, commit: Commit, ledger: LedgerView, to: number): Given | string {
  const [cause, ...more] = commit.causes ?? []
  if (!cause || more.length > 0) return 'what was lost is made good for one reason'
  if (event.type === 'HistoryAnswered') {
    return { kind: 'answered', message: acceptedBy(cause, to, []) }
  }
  if (event.type === 'PaymentCompleted') {
    const told = { payment: event.data.paymentId, state: 'posted' as const, at: cause, sides: nobody }
    return { kind: 'learned', message: acceptedBy(cause, to, [told]), told }
  }
  if (event.type === 'HistoryAccepted') {
    const message = resumedBy(cause, to, event.data)
    const recalled = event.data.open.filter((paymentId) => ledger.read(steps, paymentId))
    // Whatever else was found stands in front of it, and what is there again is all that it may be about.
    const findings = recalled.map((paymentId): Finding => ({ kind: 'forgotten', paymentId, ...nothingDone }))
    return { kind: 'accepting', message, findings }
  }
  const finding = findingIn(event, commit, ledger)
  return { kind: 'found', message: resumedBy(cause, to, { lost: [], open: [] }), finding }
}

const nobody = { debited: [], credited: [] }
const nothingDone = { tenant: '', state: 'posted' as const, at: { seq: 1, hash: '' } }
/** What was handled was said after all that is gone. */
const asOf = Number.MAX_SAFE_INTEGER

function resumedBy(at: Cause, to: number, { lost, open }: Pick<Resumed, 'lost' | 'open'>): Resumed {
  return { kind: 'resumed', from: at.partition, to, asOf, at, lost, open }
}

function acceptedBy(at: Cause, to: number, told: Accepted['steps']): Accepted {
  return { kind: 'accepted', from: at.partition, to, asOf, at, asked: asOf, steps: told }
}

type Found = Exclude<HistoryStep, { type: 'PaymentCompleted' | 'HistoryAccepted' | 'HistoryAnswered' }>

/** What the state does not hold any more, its log does: that it is so is judged over all partitions. */
function findingIn({ type, data }: Found, { tenant, actor }: Commit, ledger: LedgerView): Finding {
  const { paymentId } = data
  switch (type) {
    case 'LegsRecalled':
      return { kind: 'forgotten', tenant, ...data }
    case 'LegsReleased':
      return { kind: 'promised', tenant, paymentId, legs: ledger.read(steps, paymentId)?.promised?.legs ?? [] }
    case 'LegsWrittenOff':
      return { kind: 'posted', tenant, paymentId, legs: data.legs.filter(({ account }) => isTransit(account)) }
    case 'PaymentReopened': {
      const { outcome, asks: _, ...begun } = data
      return { kind: 'ended', tenant, actor, begun, outcome }
    }
  }
}

function isTransit(account: string): boolean {
  return transitPartnerOf(account) !== undefined
}

/** A payment that is open is opened again as it is, and what was let go of or refused is not written off. */
export function wrongInState(event: HistoryStep, ledger: LedgerView): string | undefined {
  if (event.type === 'LegsWrittenOff') {
    const state = ledger.read(steps, event.data.paymentId)?.state
    return state === undefined || state === 'posted' ? undefined : `it is written off, and was ${state}`
  }
  if (event.type !== 'PaymentReopened') return undefined
  const saga = ledger.read(sagas, event.data.paymentId)
  if (!saga) return undefined
  const { legs, participants } = event.data
  const isIt =
    isDeepStrictEqual([saga.legs, saga.participants], [legs, participants]) && saga.state === event.data.outcome
  return isIt ? undefined : `it is open again as ${event.data.outcome}, and is ${saga.state} with other legs or so`
}
