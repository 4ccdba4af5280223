import { placeOfId } from '@micropay/schemas/identifiers'
import type { Commit } from '@micropay/schemas/log/commit'
import type { LedgerEvent } from '@micropay/schemas/log/event'
import type { CommandRequest, CommandResult } from '@micropay/write-side/handle/command'
import { isFinal } from './is-final.ts'
import { isCoordinator, type Truth } from './truth.ts'

/** What must have come about in a run: of whatever is missing here the run proves nothing. */
export const deedKinds = [
  ...['paid inside', 'begun: one is asked to decide', 'begun: one is to promise', 'begun: several are to promise'],
  ...['posted at once', 'promised', 'refused when asked', 'posted as promised', 'promise released'],
  ...['refused for good before it was asked', 'posted for a frozen account as promised'],
  ...['came about', 'came about as the one decided', 'came about though it was to be let be'],
  ...['failed: refused elsewhere', 'failed: cancelled', 'failed: its time was over'],
  ...['asked to let it be', 'asked to let it be as its time was over', 'ended', 'several ended together'],
  ...['given back across partitions', 'given back inside', 'a refund failed', 'not given back'],
  ...['not there on another partition', 'closed on another partition', 'frozen on another partition'],
  ...['of another currency on another partition', 'too little on another partition'],
  ...['closed', 'not closed for a promise or for money', 'cancelled too late'],
  ...['zone moved', 'zone taken over'],
  ...['dated back', 'begun to close', 'closing taken over', 'sealed', 'days closed', 'closing called off'],
  ...['closing ended by itself', 'refused for days that are closed', 'refused elsewhere for days that are closed'],
  ...['completed as learned', 'opened again', 'posted again', 'let go of as lost', 'written off'],
  ...['loss accepted', 'what others know of a loss taken over'],
  ...['told pending', 'told what became of it', 'told that it was seen everywhere', 'answered again', 'key reused'],
] as const
export type Deed = (typeof deedKinds)[number]

export type Deeds = {
  /** A commit that counts, before it is entered. */
  counted(truth: Truth, commit: Commit): void
  answered(request: CommandRequest, result: CommandResult): void
  counts(): ReadonlyMap<string, number>
}

const elsewhere: Readonly<Record<string, Deed>> = {
  account_not_found: 'not there on another partition',
  account_closed: 'closed on another partition',
  account_frozen: 'frozen on another partition',
  currency_mismatch: 'of another currency on another partition',
  insufficient_funds: 'too little on another partition',
  period_closed: 'refused elsewhere for days that are closed',
}

export function createDeeds(truths: readonly Truth[]): Deeds {
  const counts = new Map<Deed, number>()
  const note = (deed: Deed | undefined) => deed && counts.set(deed, (counts.get(deed) ?? 0) + 1)
  return {
    counts: () => counts,
    counted(truth, commit) {
      for (const event of commit.events) for (const deed of deedsIn(event, commit, truth, truths)) note(deed)
      if (commit.outcome.kind !== 'rejected') return
      if (commit.outcome.code === 'account_not_empty') note('not closed for a promise or for money')
      if (commit.outcome.code === 'period_closed') note('refused for days that are closed')
      if (commit.outcome.code === 'refund_not_possible') note('not given back')
      if (commit.outcome.code === 'payment_not_open') note('cancelled too late')
    },
    answered(_, result) {
      if (result.kind === 'refused') return note(result.code === 'idempotency_key_reused' ? 'key reused' : undefined)
      if (result.replayed) note('answered again')
      if (!isFinal(result)) return note('told pending')
      if (result.seenAt) note('told what became of it')
      if ((result.seenAt?.length ?? 0) > 1) note('told that it was seen everywhere')
    },
  }
}

function deedsIn(event: LedgerEvent, commit: Commit, truth: Truth, truths: readonly Truth[]): (Deed | undefined)[] {
  const { partition } = truth
  switch (event.type) {
    case 'PaymentPosted':
      return [event.data.reverses ? 'given back inside' : 'paid inside']
    case 'PaymentInitiated':
      return [
        beginningOf(event.data),
        isDatedBack(event.data, commit),
        event.data.reverses && 'given back across partitions',
      ]
    case 'LegsPrepared':
      return [isCoordinator(partition, event.data.paymentId) ? undefined : 'promised']
    case 'LegsPosted': {
      const { paymentId, promised, legs, forced } = event.data
      if (isCoordinator(partition, paymentId)) return []
      if (forced) return ['posted again']
      const isFrozen = legs.some(({ account }) =>
        ['all', 'outgoing'].includes(truth.accounts.get(account)?.status ?? ''),
      )
      if (!promised) return ['posted at once']
      return ['posted as promised', isFrozen ? 'posted for a frozen account as promised' : undefined]
    }
    case 'LegsReleased':
      if (event.data.code) return ['let go of as lost']
      return [isCoordinator(partition, event.data.paymentId) ? undefined : 'promise released']
    case 'LegsRefused': {
      const { paymentId, rejection } = event.data
      const state = truths[placeOfId(paymentId).partition]?.begun.get(paymentId)?.state
      const isCancelled = rejection.code === 'payment_cancelled'
      return isCancelled && state
        ? ['refused for good before it was asked']
        : ['refused when asked', elsewhere[rejection.code]]
    }
    case 'AccountClosed':
      return ['closed']
    case 'LegsWrittenOff':
      return ['written off']
    case 'PaymentReopened':
      return ['opened again']
    case 'HistoryAccepted':
      return ['loss accepted']
    case 'HistoryAnswered':
      return ['what others know of a loss taken over']
    case 'PeriodClosing':
      return [partition === 0 ? 'begun to close' : 'closing taken over']
    case 'PeriodSealed':
      return ['sealed']
    case 'PeriodClosed':
      return ['days closed']
    case 'PeriodCalledOff':
      return [commit.command.type === 'StepPeriod' ? 'closing ended by itself' : 'closing called off']
    case 'LedgerZoneSet':
      return [partition === 0 ? 'zone moved' : 'zone taken over']
    default:
      return decidedIn(event, commit, truth)
  }
}

function isDatedBack({ effectiveAt }: { readonly effectiveAt: string }, { decidedAt }: Commit): Deed | undefined {
  return effectiveAt.slice(0, 10) < decidedAt.slice(0, 10) ? 'dated back' : undefined
}

function beginningOf({ settles, participants }: Extract<LedgerEvent, { type: 'PaymentInitiated' }>['data']): Deed {
  if (settles) return 'begun: one is asked to decide'
  return participants.length === 1 ? 'begun: one is to promise' : 'begun: several are to promise'
}

function decidedIn(
  event: LedgerEvent,
  { command: { type }, causes = [] }: Commit,
  { begun }: Truth,
): (Deed | undefined)[] {
  switch (event.type) {
    case 'PaymentCompleted': {
      if (event.data.learned) return ['completed as learned']
      const state = begun.get(event.data.paymentId)?.state
      if (state === 'cancelling') return ['came about though it was to be let be']
      return [state === 'asked' ? 'came about as the one decided' : 'came about']
    }
    case 'PaymentFailed': {
      const refund = begun.get(event.data.paymentId)?.reverses ? ('a refund failed' as const) : undefined
      if (causes.length > 0) return ['failed: refused elsewhere', refund]
      return [type === 'CancelPayment' ? 'failed: cancelled' : 'failed: its time was over', refund]
    }
    case 'CancelRequested':
      return [type === 'CancelPayment' ? 'asked to let it be' : 'asked to let it be as its time was over']
    case 'PaymentEnded':
      return ['ended', event.data.paymentIds.length > 1 ? 'several ended together' : undefined]
    default:
      return []
  }
}
