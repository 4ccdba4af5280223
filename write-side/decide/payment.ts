import assert from 'node:assert/strict'
import type { MakePayment, PaymentAccepted, Posting } from '@micropay/schemas/api/payment'
import { type AccountId, paymentIdAt } from '@micropay/schemas/identifiers'
import { formatMinor, MAX_BALANCE_MINOR, MIN_BALANCE_MINOR } from '@micropay/schemas/money'
import type { PaymentKind } from '@micropay/schemas/payment-kind'
import type { Position } from '@micropay/schemas/position'
import { type AccountState, knownAccount, putAccount, stops, visibleAccount } from './account.ts'
import {
  accepted,
  type CommandRule,
  type Decided,
  type Decision,
  type DecisionFacts,
  eventOf,
  type Folds,
  type LedgerView,
  rejected,
} from './ledger.ts'
import { hidesCauses, refusedPayee } from './payable.ts'

type Payment = Omit<MakePayment, 'dryRun'>
type PaymentKept = { readonly paymentKind: PaymentKind }

export const paymentCommands = {
  MakePayment: {
    /** Its first payer. */
    place: ({ postings }) => postings[0]?.from ?? '',
    decide: decidePayment,
    keep(events): PaymentKept | undefined {
      const event = eventOf(events, 'PaymentPosted')
      return event && { paymentKind: event.data.kind }
    },
    answer: paymentAccepted,
  } satisfies CommandRule<Payment, PaymentKept, PaymentAccepted>,
}

export const paymentEvents: Folds<'PaymentPosted'> = {
  PaymentPosted: ({ postings }, ledger) =>
    Array.from(movementsOf(postings), ([accountId, movementMinor]) => {
      const account = knownAccount(ledger, accountId)
      return putAccount({ ...account, balanceMinor: account.balanceMinor + movementMinor })
    }),
}

/**
 * All postings happen at once or none does. Checks run in order of precedence over all postings; limits hold for the
 * balances after the last posting, so a payment may pass money on that it brings.
 */
function decidePayment(data: Payment, ledger: LedgerView, facts: DecisionFacts): Decision {
  assert(data.postings.length > 0, 'the schema admits at least one posting')
  const accounts = new Map<AccountId, AccountState>()
  const refusal =
    findAccounts(data.postings, ledger, facts, accounts) ??
    checkPayees(data.postings, accounts, facts) ??
    checkStatus(data.postings, accounts) ??
    checkCurrency(data.postings, accounts) ??
    checkBalances(data.postings, accounts) ??
    checkRange(data.postings, accounts)
  if (refusal) return refusal
  return accepted({
    type: 'PaymentPosted',
    version: 1,
    data: {
      paymentId: facts.paymentId,
      kind: kindOf(data.postings, accounts),
      postings: data.postings,
      effectiveAt: data.effectiveAt === undefined ? facts.decidedAt : new Date(data.effectiveAt).toISOString(),
      ...(data.reference === undefined ? {} : { reference: data.reference }),
      ...(data.description === undefined ? {} : { description: data.description }),
      ...(data.metadata === undefined ? {} : { metadata: data.metadata }),
    },
  })
}

/**
 * Money moves by these amounts: what leaves is negative. Every posting takes as much as it gives, so they sum to
 * zero.
 */
function movementsOf(postings: readonly Posting[]): Map<AccountId, bigint> {
  const movements = new Map<AccountId, bigint>()
  for (const posting of postings) {
    const amountMinor = BigInt(posting.amount)
    movements.set(posting.from, (movements.get(posting.from) ?? 0n) - amountMinor)
    movements.set(posting.to, (movements.get(posting.to) ?? 0n) + amountMinor)
  }
  return movements
}

function findAccounts(
  postings: readonly Posting[],
  ledger: LedgerView,
  facts: DecisionFacts,
  accounts: Map<AccountId, AccountState>,
): Decision | undefined {
  for (const [index, posting] of postings.entries()) {
    const from = visibleAccount(ledger, posting.from, facts)
    if (!from || !(facts.mayBook || from.owner === facts.subject)) {
      return rejected(
        'account_not_found',
        `there is no account ${posting.from} that you may pay from`,
        `/postings/${index}/from`,
      )
    }
    const to = visibleAccount(ledger, posting.to, facts)
    accounts.set(posting.from, from)
    if (to) accounts.set(posting.to, to)
    else if (!hidesCauses(facts)) {
      return rejected('account_not_found', `there is no account ${posting.to}`, `/postings/${index}/to`)
    }
  }
  return undefined
}

function checkPayees(
  postings: readonly Posting[],
  accounts: ReadonlyMap<AccountId, AccountState>,
  facts: DecisionFacts,
): Decision | undefined {
  for (const [index, { to: accountId, currency }] of postings.entries()) {
    const payee = { accountId, account: accounts.get(accountId), currency, pointer: `/postings/${index}/to` }
    const refusal = refusedPayee(payee, facts)
    if (refusal) return refusal
  }
  return undefined
}

function checkStatus(
  postings: readonly Posting[],
  accounts: ReadonlyMap<AccountId, AccountState>,
): Decision | undefined {
  for (const status of ['closed', 'frozen'] as const) {
    for (const [index, posting] of postings.entries()) {
      for (const side of ['from', 'to'] as const) {
        const account = accounts.get(posting[side])
        if (account?.status === status && stops(account, side === 'from')) {
          return rejected(`account_${status}`, `${posting[side]} is ${status}`, `/postings/${index}/${side}`)
        }
      }
    }
  }
  return undefined
}

function checkCurrency(
  postings: readonly Posting[],
  accounts: ReadonlyMap<AccountId, AccountState>,
): Decision | undefined {
  for (const [index, posting] of postings.entries()) {
    for (const side of ['from', 'to'] as const) {
      const account = accounts.get(posting[side])
      if (account && account.currency !== posting.currency) {
        const detail = `${posting[side]} holds ${account.currency}, not ${posting.currency}: name its own currency`
        return rejected('currency_mismatch', detail, `/postings/${index}/currency`)
      }
    }
  }
  return undefined
}

function checkBalances(
  postings: readonly Posting[],
  accounts: ReadonlyMap<AccountId, AccountState>,
): Decision | undefined {
  const movements = movementsOf(postings)
  const pointerTo = (accountId: AccountId) =>
    `/postings/${postings.findIndex((posting) => posting.from === accountId)}/amount`
  for (const [accountId, movementMinor] of movements) {
    const account = accounts.get(accountId)
    if (!account || movementMinor >= 0n || account.overdraftLimit === 'unlimited') continue
    const availableMinor = account.balanceMinor + BigInt(account.overdraftLimit)
    if (availableMinor + movementMinor < 0n) {
      const available = `${formatMinor(availableMinor, account.currency)} ${account.currency}`
      return rejected(
        'insufficient_funds',
        `${accountId} has ${available} available: pay less, or add money first`,
        pointerTo(accountId),
      )
    }
  }
  return undefined
}

/** A statement shows the balance after each posting, so each of them must fit, not only the last. */
function checkRange(
  postings: readonly Posting[],
  accounts: ReadonlyMap<AccountId, AccountState>,
): Decision | undefined {
  const balances = new Map<AccountId, bigint>()
  for (const { from, to, amount } of postings) {
    for (const [accountId, movementMinor] of [
      [from, -BigInt(amount)],
      [to, BigInt(amount)],
    ] as const) {
      const balanceMinor = (balances.get(accountId) ?? accounts.get(accountId)?.balanceMinor ?? 0n) + movementMinor
      balances.set(accountId, balanceMinor)
      if (balanceMinor <= MAX_BALANCE_MINOR && balanceMinor >= MIN_BALANCE_MINOR) continue
      const detail = `the balance of ${accountId} would no longer fit in 64 bits: use another account`
      return rejected('balance_overflow', detail)
    }
  }
  return undefined
}

function kindOf(postings: readonly Posting[], accounts: ReadonlyMap<AccountId, AccountState>): PaymentKind {
  const types = (side: 'from' | 'to') => new Set(postings.map((posting) => accounts.get(posting[side])?.type))
  const [from, to] = [types('from'), types('to')]
  if (from.size === 1 && to.size === 1) {
    if (from.has('customer') && to.has('customer')) return 'payment'
    if (from.has('external') && !to.has('external')) return 'deposit'
    if (to.has('external') && !from.has('external')) return 'withdrawal'
  }
  return 'transfer'
}

function paymentAccepted(
  { postings, effectiveAt, reference, description, metadata }: Payment,
  { paymentKind, decidedAt }: Decided & Partial<PaymentKept>,
  position: Position | undefined,
): PaymentAccepted {
  assert(paymentKind, 'an accepted payment has a kind')
  const answer: PaymentAccepted = {
    paymentId: position ? paymentIdAt(position.partition, position.seq) : null,
    status: 'posted',
    kind: paymentKind,
    postings,
    effectiveAt: effectiveAt === undefined ? decidedAt : new Date(effectiveAt).toISOString(),
    decidedAt,
  }
  if (reference !== undefined) answer.reference = reference
  if (description !== undefined) answer.description = description
  if (metadata !== undefined) answer.metadata = metadata
  return answer
}
