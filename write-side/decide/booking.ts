import assert from 'node:assert/strict'
import type { AccountId } from '@micropay/schemas/identifiers'
import { leftOver } from '@micropay/schemas/left-over'
import type { EventOf, Leg } from '@micropay/schemas/log/event'
import { PERSONAL_GENERATION } from '@micropay/schemas/log/generations'
import { formatMinor, MAX_BALANCE_MINOR, MIN_BALANCE_MINOR } from '@micropay/schemas/money'
import type { PaymentKind } from '@micropay/schemas/payment-kind'
import { type AccountState, stops, visibleAccount } from './account.ts'
import { accepted, type Decision, type DecisionFacts, type LedgerView, rejected } from './ledger.ts'
import { hidesCauses, refusedPayee } from './payable.ts'
import { checkOpenedOn, checkValueDate } from './value-date.ts'

/** Money that is to move; `more` is what the event says besides. */
export type Booking = {
  readonly legs: readonly Leg[]
  readonly pointer: Pointer
  readonly effectiveAt: string | undefined
  readonly texts: Texts | undefined
  readonly more: Partial<Pick<EventOf<'PaymentPosted'>['data'], 'kind' | 'reverses' | 'corrects'>>
}
type Texts = NonNullable<EventOf<'PaymentPosted'>['data']['personal']>['data']

/**
 * All legs happen at once or none does. Checks run in order of precedence over all legs; limits hold for the balances
 * after the last one, so a payment may pass money on that it brings.
 */
export function decideBooking(booking: Booking, ledger: LedgerView, facts: DecisionFacts): Decision {
  const { legs, pointer, effectiveAt, texts, more } = booking
  assert(legs.length > 0 && leftOver(legs).length === 0, 'the schema admits legs that balance, and no others')
  const asked: Asked = { legs, pointer, accounts: new Map() }
  const pointerTo = (id: AccountId) =>
    pointer(
      Math.max(
        0,
        legs.findIndex(({ account }) => account === id),
      ),
      'account',
    )
  const refusal =
    findAccounts(asked, ledger, facts) ??
    checkPayees(asked, facts) ??
    checkStatus(asked) ??
    checkCurrency(asked) ??
    checkValueDate(effectiveAt, ledger, facts) ??
    checkOpenedOn(effectiveAt, asked.accounts.values(), pointerTo, ledger, facts) ??
    checkFunds(asked) ??
    checkEachBalance(asked)
  if (refusal) return refusal
  const subject = asked.accounts.get(firstDebited(legs))?.owner
  const about = subject !== undefined && facts.generation >= PERSONAL_GENERATION ? { subject } : {}
  return accepted({
    type: 'PaymentPosted',
    version: 2,
    data: {
      paymentId: facts.paymentId,
      kind: kindOf(asked),
      legs: [...legs],
      effectiveAt: effectiveAt === undefined ? facts.decidedAt : new Date(effectiveAt).toISOString(),
      ...(texts ? { personal: { ...about, form: 'plain', data: texts } } : {}),
      ...more,
    },
  })
}

/**
 * What a payment is about: the debited account whose id sorts first by bytes; where no money moves, the first by bytes
 * of all.
 */
export function firstDebited(legs: readonly Leg[]): AccountId {
  const debited = legs.filter(isDebit)
  // Ids are ASCII, in which the order of code units is that of bytes.
  const [first] = (debited.length > 0 ? debited : legs).map(({ account }) => account).sort()
  assert(first !== undefined, 'a payment has legs')
  return first
}

function isDebit({ amount }: Leg): boolean {
  return amount.startsWith('-')
}

function isCredit(leg: Leg): boolean {
  return leg.amount !== '0' && !isDebit(leg)
}

/** Where a member of a leg stands in the request. */
export type Pointer = (leg: number, member: Member) => string | undefined
type Member = 'account' | 'amount' | 'currency' | 'stands'

/** A payment on its way to a decision; `accounts` holds all that its legs name, once they are found. */
type Asked = {
  readonly legs: readonly Leg[]
  readonly pointer: Pointer
  readonly accounts: Map<AccountId, AccountState>
}

/** Money moves by these amounts: what leaves is negative. They sum to zero in each currency. */
export function movementsOf(legs: readonly Leg[]): Map<AccountId, bigint> {
  const movements = new Map<AccountId, bigint>()
  for (const { account, amount } of legs) movements.set(account, (movements.get(account) ?? 0n) + BigInt(amount))
  return movements
}

/**
 * Whoever may not book pays from accounts of their own alone, leaves no entry of zero on another's, and does not learn
 * by an assertion where another's stands.
 */
function findAccounts({ legs, pointer, accounts }: Asked, ledger: LedgerView, facts: DecisionFacts) {
  for (const [index, leg] of legs.entries()) {
    const account = visibleAccount(ledger, leg.account, facts)
    const isPaid = isCredit(leg) && leg.stands === undefined
    // Who may not learn more of it is told that it cannot be paid, below.
    if (!account && isPaid && hidesCauses(facts)) continue
    if (!account || !(isPaid || facts.mayBook || account.owner === facts.subject)) {
      const use = isCredit(leg) ? 'say the balance of' : 'pay from'
      const what = isPaid ? leg.account : `${leg.account} that you may ${use}`
      return rejected('account_not_found', `there is no account ${what}`, pointer(index, 'account'))
    }
    accounts.set(leg.account, account)
  }
  return undefined
}

function checkPayees({ legs, pointer, accounts }: Asked, facts: DecisionFacts): Decision | undefined {
  for (const [index, leg] of legs.entries()) {
    if (!isCredit(leg)) continue
    const { account: accountId, currency } = leg
    const payee = { accountId, account: accounts.get(accountId), currency, pointer: pointer(index, 'account') }
    const refusal = refusedPayee(payee, facts)
    if (refusal) return refusal
  }
  return undefined
}

function checkStatus({ legs, pointer, accounts }: Asked): Decision | undefined {
  for (const status of ['closed', 'frozen'] as const) {
    for (const [index, leg] of legs.entries()) {
      const account = accounts.get(leg.account)
      if (account?.status === status && stops(account, isDebit(leg))) {
        return rejected(`account_${status}`, `${leg.account} is ${status}`, pointer(index, 'account'))
      }
    }
  }
  return undefined
}

function checkCurrency({ legs, pointer, accounts }: Asked): Decision | undefined {
  for (const [index, { account, currency }] of legs.entries()) {
    const held = accounts.get(account)?.currency
    if (held !== undefined && held !== currency) {
      const detail = `${account} holds ${held}, not ${currency}: name its own currency`
      return rejected('currency_mismatch', detail, pointer(index, 'currency'))
    }
  }
  return undefined
}

function checkFunds({ legs, pointer, accounts }: Asked): Decision | undefined {
  for (const [accountId, movementMinor] of movementsOf(legs)) {
    const account = accounts.get(accountId)
    if (!account || movementMinor >= 0n || account.overdraftLimit === 'unlimited') continue
    const availableMinor = account.balanceMinor + BigInt(account.overdraftLimit)
    if (availableMinor + movementMinor < 0n) {
      const available = `${formatMinor(availableMinor, account.currency)} ${account.currency}`
      const first = legs.findIndex((leg) => leg.account === accountId && isDebit(leg))
      return rejected(
        'insufficient_funds',
        `${accountId} has ${available} available: pay less, or add money first`,
        pointer(first, 'amount'),
      )
    }
  }
  return undefined
}

/**
 * A statement shows the balance behind each leg, so each of them must fit in its column, and be what the leg says that
 * it is.
 */
function checkEachBalance({ legs, pointer, accounts }: Asked): Decision | undefined {
  const balances = new Map(Array.from(accounts, ([accountId, { balanceMinor }]) => [accountId, balanceMinor]))
  const behind = legs.map(({ account, amount }) => {
    const balanceMinor = (balances.get(account) ?? 0n) + BigInt(amount)
    balances.set(account, balanceMinor)
    return balanceMinor
  })
  for (const [index, balanceMinor] of behind.entries()) {
    if (balanceMinor <= MAX_BALANCE_MINOR && balanceMinor >= MIN_BALANCE_MINOR) continue
    const detail = `the balance of ${legs[index]?.account} would no longer fit in 64 bits: use another account`
    return rejected('balance_overflow', detail)
  }
  for (const [index, { account, currency, stands }] of legs.entries()) {
    const balanceMinor = behind[index] ?? 0n
    if (stands === undefined || BigInt(stands) === balanceMinor) continue
    const [found, said] = [balanceMinor, BigInt(stands)].map((minor) => `${formatMinor(minor, currency)} ${currency}`)
    const detail = `${account} would stand at ${found} and not at ${said}: look for what is missing here or there`
    return rejected('assertion_failed', detail, pointer(index, 'stands'))
  }
  return undefined
}

function kindOf({ legs, accounts }: Asked): PaymentKind {
  const types = (side: readonly Leg[]) => new Set(side.map(({ account }) => accounts.get(account)?.type))
  const [from, to] = [types(legs.filter(isDebit)), types(legs.filter(isCredit))]
  if (from.size === 1 && to.size === 1) {
    if (from.has('customer') && to.has('customer')) return 'payment'
    if (from.has('external') && !to.has('external')) return 'deposit'
    if (to.has('external') && !from.has('external')) return 'withdrawal'
  }
  return 'transfer'
}
