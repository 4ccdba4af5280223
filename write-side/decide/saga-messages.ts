import { type PaymentId, placeOfId } from '@micropay/schemas/identifiers'
import type { FactsAsked, Message, PaymentMessage, SealedMessage } from '@micropay/schemas/log/message'
import { partitionOf } from '@micropay/schemas/placement'
import { closingsIn } from './closing.ts'
import type { LedgerView } from './ledger.ts'
import { factsBehind, HOME } from './ledger-facts.ts'
import { openWith, type Saga, sagas, steps } from './saga.ts'
import type { Heard } from './stepped.ts'

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
  if (coordinator !== partition) return replyOf(payment, ledger, { from: partition, to: coordinator })
  const saga = ledger.read(sagas, payment)
  if (!saga) return []
  return silentIn(saga, heard).map((to) => requestOf(payment, saga, to, ledger, speaker))
}

/** The participants that have not answered what is asked of them now. */
export function silentIn({ state, participants }: Pick<Saga, 'state' | 'participants'>, heard: Heard): number[] {
  const { done } = asks[state]
  return participants.filter((each) => done === undefined || heard.get(each)?.kind !== done)
}

/**
 * Whether a partition says so now. Where it does not, the payment has gone on since, or the commit that said so is gone
 * with its history: nobody may take it for true then.
 */
export function isSaid(message: Message, ledger: LedgerView, speaker: Speaker): boolean {
  if (message.kind === 'ask-facts') return true
  const told = toldIn(message, ledger, speaker)
  return told.some(({ at }) => at.seq === message.at.seq && at.hash === message.at.hash)
}

function toldIn(message: Exclude<Message, FactsAsked>, ledger: LedgerView, speaker: Speaker) {
  if (message.kind === 'fact') return factsBehind(0, ledger)
  return message.kind === 'sealed' ? sealedIn(ledger, speaker) : saidOf(message, ledger, speaker)
}

/** Elsewhere than at the home of facts: what this partition has sealed of the periods that are being closed. */
export function sealedIn(ledger: LedgerView, { partition }: Pick<Speaker, 'partition'>): SealedMessage[] {
  if (partition === HOME) return []
  return closingsIn(ledger).flatMap(({ periodId: period, sealed }) => {
    return sealed ? [{ kind: 'sealed' as const, from: partition, to: HOME, period, ...sealed }] : []
  })
}

function saidOf({ payment, kind, to }: PaymentMessage, ledger: LedgerView, speaker: Speaker): PaymentMessage[] {
  return messagesOf(payment, ledger, speaker, new Map()).filter((each) => each.kind === kind && each.to === to)
}

function requestOf(
  payment: PaymentId,
  { state, at, tenant, actor, mayBook, legs, effectiveAt }: Saga,
  to: number,
  ledger: LedgerView,
  { partition, partitions, seq }: Speaker,
): PaymentMessage {
  const low = openWith(to, ledger)[0] ?? seq + 1
  const head = { payment, from: partition, to, at, low, tenant, actor }
  const { kind } = asks[state]
  if (kind === 'commit' || kind === 'cancel') return { kind, ...head }
  const own = legs.flatMap((leg, index) =>
    partitionOf(leg.account, partitions) === to ? [{ ...leg, leg: index }] : [],
  )
  return { kind, ...head, legs: own, mayBook, effectiveAt }
}

function replyOf(
  payment: PaymentId,
  ledger: LedgerView,
  way: { readonly from: number; readonly to: number },
): PaymentMessage[] {
  const step = ledger.read(steps, payment)
  if (!step) return []
  const { state, at, sides, rejection } = step
  const head = { payment, ...way, at }
  if (state === 'refused') return rejection ? [{ kind: 'refused', ...head, rejection }] : []
  return sides ? [{ kind: state, ...head, sides }] : []
}
