import type { AccountStatus } from '@micropay/schemas/api/account'
import type { ReplayStep } from '@micropay/schemas/api/replay'
import { counterpartiesOf } from '@micropay/schemas/counterparties'
import type { Commit } from '@micropay/schemas/log/commit'
import type { EventOf, LedgerEvent } from '@micropay/schemas/log/event'
import { givenBy, isPayment } from '@micropay/schemas/log/given'
import { CurrencyCode } from '@micropay/schemas/money'

/** How an account stands after some of its history: small enough to travel in a cursor. */
export type ReplayState = {
  readonly seq: number
  readonly step: number
  readonly balance: bigint
  readonly currency: CurrencyCode | null
  readonly status: AccountStatus | null
}

export const beforeAll: ReplayState = { seq: 0, step: 0, balance: 0n, currency: null, status: null }

export type ReplayedCommit = { readonly state: ReplayState; readonly steps: readonly ReplayStep[] }

/** What one commit did to an account: a step for each event, each posting, or one for a refusal. Pure. */
export function replayCommit(
  before: ReplayState,
  accountId: string,
  partition: number,
  commit: Commit,
  hash: string,
): ReplayedCommit {
  let state: ReplayState = { ...before, seq: commit.seq }
  const steps: ReplayStep[] = []
  const add = (event: string, change: Partial<ReplayState>, more: Partial<ReplayStep>) => {
    state = { ...state, ...change, step: state.step + 1 }
    steps.push({
      ...{ step: state.step, position: `${partition}:${commit.seq}`, event, decidedAt: commit.decidedAt },
      ...{ effectiveAt: null, paymentId: null, counterparty: null, amount: null, promised: null },
      ...{ refusal: null, reference: null },
      ...{ balanceAfter: state.balance.toString(), currency: state.currency, status: state.status },
      ...{ ...givenBy(commit), hash },
      ...more,
    })
  }
  if (commit.outcome.kind === 'rejected') {
    const { code, cause } = commit.outcome
    const detail = cause?.detail ?? commit.outcome.detail
    const paymentId = isPayment(commit) ? `pay-${partition}-${commit.seq}` : null
    add('Refused', {}, { paymentId, refusal: { code, detail } })
  }
  for (const event of commit.events) {
    if (event.type === 'PaymentPosted') {
      const { legs, paymentId, effectiveAt, personal } = event.data
      const counterparties = counterpartiesOf(legs)
      for (const [index, { account, amount }] of legs.entries()) {
        if (account !== accountId) continue
        const [counterparty, reference] = [counterparties[index] ?? null, personal?.data.reference ?? null]
        const shown = { amount, counterparty, paymentId, effectiveAt, reference }
        add(event.type, { balance: state.balance + BigInt(amount) }, shown)
      }
    } else if (isOfLegs(event)) {
      const { paymentId, legs } = event.data
      const effectiveAt = 'effectiveAt' in event.data ? event.data.effectiveAt : null
      for (const { account, amount, currency } of legs) {
        if (account !== accountId) continue
        // Whom it is against, its coordinator alone knows; and nobody has opened a suspense account.
        const moved = {
          balance: state.balance + BigInt(amount),
          currency: state.currency ?? CurrencyCode.parse(currency),
        }
        if (isPromise(event)) add(event.type, {}, { promised: amount, paymentId, effectiveAt })
        else add(event.type, moved, { amount, paymentId, effectiveAt })
      }
    } else if ('accountId' in event.data && event.data.accountId === accountId) add(event.type, changeOf(event), {})
  }
  return { state, steps }
}

type OfLegs = EventOf<'LegsPrepared' | 'LegsPosted' | 'LegsReleased' | 'LegsWrittenOff'>

/** Of legs of this partition alone. */
function isOfLegs(event: LedgerEvent): event is OfLegs {
  const { type } = event
  return type === 'LegsPrepared' || type === 'LegsPosted' || type === 'LegsReleased' || type === 'LegsWrittenOff'
}

function isPromise({ type }: OfLegs): boolean {
  return type === 'LegsPrepared' || type === 'LegsReleased'
}

function changeOf(event: LedgerEvent): Partial<ReplayState> {
  switch (event.type) {
    case 'AccountOpened':
      return { status: 'open', currency: event.data.currency }
    case 'AccountFrozen':
      return { status: 'frozen' }
    case 'AccountUnfrozen':
      return { status: 'open' }
    case 'AccountClosed':
      return { status: 'closed' }
    default:
      return {}
  }
}
