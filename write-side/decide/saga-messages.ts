import { type PaymentId, placeOfId } from '@micropay/schemas/identifiers'
import {
  type FactsAsked,
  type HistoryMessage,
  isOfHistory,
  type Message,
  type PaymentMessage,
  type SealedMessage,
} from '@micropay/schemas/log/message'
import { partitionOf } from '@micropay/schemas/placement'
import { closingsIn } from './closing.ts'
import { acceptanceOf, isBlocked, ownResume, stillSaid } from './history.ts'
import type { LedgerView } from './ledger.ts'
import { factsBehind, HOME } from './ledger-facts.ts'
import { openWith } from './open-payments.ts'
import { asksOf, type Saga, sagas } from './saga.ts'
import type { Heard } from './stepped.ts'
import { steps } from './steps.ts'

export type Speaker = {
  readonly partition: number
  readonly partitions: number
  /** Of the last commit that counts. */
  readonly seq: number
}

/** What is asked of participants in each state, and which answer says that there is nothing more to ask. */
const asks = {
  preparing: { kind: 'prepare', done: 'prepared' },
  asked: { kind: 'settle', done: undefined },
  cancelling: { kind: 'cancel', done: undefined },
  completed: { kind: 'commit', done: 'posted' },
  failed: { kind: 'cancel', done: 'refused' },
} as const

/**
 * What this partition has to say of a payment, as counted state has it: as its coordinator to all who have not answered
 * (`heard` has the answers), as a participant what it did. Nothing where it knows nothing of it, or it is over.
 */
export function messagesOf(payment: PaymentId, ledger: LedgerView, speaker: Speaker, heard: Heard): PaymentMessage[] {
  const { partition } = speaker
  const coordinator = placeOfId(payment).partition
  const said = stillSaid(heard, ledger)
  if (coordinator !== partition)
    return replyOf(payment, ledger, { from: partition, to: coordinator, asOf: speaker.seq })
  const saga = ledger.read(sagas, payment)
  if (!saga || isBlocked(saga, ledger)) return []
  return silentIn(saga, said).map((to) => requestOf(payment, saga, to, ledger, speaker))
}

/** The participants that have not answered what is asked of them now. */
export function silentIn(saga: Pick<Saga, 'state' | 'participants' | 'asks'>, heard: Heard): number[] {
  const { done } = asks[saga.state]
  return asksOf(saga).filter((each) => done === undefined || heard.get(each)?.kind !== done)
}

/**
 * Whether a partition says so now. Where it does not, the payment has gone on since, or the commit that said so is gone
 * with its history: nobody may take it for true then.
 */
export function isSaid(message: Message, ledger: LedgerView, speaker: Speaker): boolean {
  if (message.kind === 'ask-facts') return true
  if (isOfHistory(message)) {
    const at = message.kind === 'resumed' ? ownResume(ledger) : acceptanceOf(message.to, ledger)
    return at?.seq === message.at.seq && at.hash === message.at.hash
  }
  const told = toldIn(message, ledger, speaker)
  return told.some(({ at }) => at.seq === message.at.seq && at.hash === message.at.hash)
}

function toldIn(message: Exclude<Message, FactsAsked | HistoryMessage>, ledger: LedgerView, speaker: Speaker) {
  if (message.kind === 'fact') return factsBehind(0, ledger)
  return message.kind === 'sealed' ? sealedIn(ledger, speaker) : saidOf(message, ledger, speaker)
}

/** Elsewhere than at the home of facts: what this partition has sealed of the periods that are being closed. */
export function sealedIn(ledger: LedgerView, { partition, seq }: Pick<Speaker, 'partition' | 'seq'>): SealedMessage[] {
  if (partition === HOME) return []
  return closingsIn(ledger).flatMap(({ periodId: period, sealed }) => {
    return sealed ? [{ kind: 'sealed' as const, from: partition, to: HOME, asOf: seq, period, ...sealed }] : []
  })
}

function saidOf({ payment, kind, to }: PaymentMessage, ledger: LedgerView, speaker: Speaker): PaymentMessage[] {
  return messagesOf(payment, ledger, speaker, new Map()).filter((each) => each.kind === kind && each.to === to)
}

function requestOf(
  payment: PaymentId,
  { state, at, tenant, actor, mayBook, legs, effectiveAt, repaired }: Saga,
  to: number,
  ledger: LedgerView,
  { partition, partitions, seq }: Speaker,
): PaymentMessage {
  const low = openWith(to, ledger)[0] ?? seq + 1
  const head = { payment, from: partition, to, asOf: seq, at, low, tenant, actor }
  const { kind } = asks[state]
  if (kind === 'cancel' || (kind === 'commit' && !repaired)) return { kind, ...head }
  const own = legs.flatMap((leg, index) =>
    partitionOf(leg.account, partitions) === to ? [{ ...leg, leg: index }] : [],
  )
  return kind === 'commit'
    ? { kind, ...head, legs: own, effectiveAt }
    : { kind, ...head, legs: own, mayBook, effectiveAt }
}

function replyOf(
  payment: PaymentId,
  ledger: LedgerView,
  way: { readonly from: number; readonly to: number; readonly asOf: number },
): PaymentMessage[] {
  const step = ledger.read(steps, payment)
  if (!step) return []
  const { state, at, sides, rejection } = step
  const head = { payment, ...way, at }
  if (state === 'refused') return rejection ? [{ kind: 'refused', ...head, rejection }] : []
  return sides ? [{ kind: state, ...head, sides }] : []
}
