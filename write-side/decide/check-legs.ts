import assert from 'node:assert/strict'
import type { AccountType } from '@micropay/schemas/account-type'
import type { AccountId } from '@micropay/schemas/identifiers'
import { LEGS_GENERATION } from '@micropay/schemas/log/generations'
import type { Leg } from '@micropay/schemas/log/payment-legs'
import type { Sides } from '@micropay/schemas/log/saga-events'
import { formatMinor, MAX_BALANCE_MINOR, MIN_BALANCE_MINOR } from '@micropay/schemas/money'
import type { PaymentKind } from '@micropay/schemas/payment-kind'
import { stoppedWords, stops, visibleAccount } from './account.ts'
import type { AccountState } from './account-state.ts'
import { type Decision, type DecisionFacts, type LedgerView, rejected } from './ledger.ts'
import { hidesCauses, refusedPayee } from './payable.ts'
import { checkOpenedOn } from './value-date.ts'

export function askedOf({ legs, pointer }: { readonly legs: readonly Leg[]; readonly pointer: Pointer }): Asked {
  return { legs, pointer, accounts: new Map() }
}

/**
 * What a payment is about: the debited account whose id sorts first by bytes; where no money moves, the first by bytes
 * of all.
 */
export function firstDebited(legs: readonly Leg[]): AccountId {
  const debited = legs.filter(isDebit)
  return firstOf((debited.length > 0 ? debited : legs).map(({ account }) => account))
}

/** The one that sorts first by bytes: ids are ASCII, in which the order of code units is that of bytes. */
export function firstOf(ids: readonly AccountId[]): AccountId {
  const [first] = ids.toSorted()
  assert(first !== undefined, 'a payment is about some account')
  return first
}

export function isDebit({ amount }: Leg): boolean {
  return amount.startsWith('-')
}

export function isCredit(leg: Leg): boolean {
  return leg.amount !== '0' && !isDebit(leg)
}

/** Where a member of a leg stands in the request. */
export type Pointer = (leg: number, member: Member) => string | undefined

type Member = 'account' | 'amount' | 'currency' | 'stands'

/** A payment on its way to a decision; `accounts` holds all that its legs name, once they are found. */
export type Asked = {
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
  if (!hidesCauses(facts)) return undefined
  for (const [index, leg] of legs.entries()) {
    if (!isCredit(leg)) continue
    const { account: accountId, currency } = leg
    const payee = { accountId, account: accounts.get(accountId), currency, pointer: pointer(index, 'account') }
    const refusal = refusedPayee(payee, facts)
    if (refusal) return refusal
  }
  return undefined
}

/** In words that its generation had: what the first one writes stays as it was, byte for byte. */
function checkStatus({ legs, pointer, accounts }: Asked, { generation }: DecisionFacts): Decision | undefined {
  for (const status of ['closed', 'frozen'] as const) {
    const index = legs.findIndex((leg) => {
      const account = accounts.get(leg.account)
      return account?.status === status && stops(account, isDebit(leg))
    })
    const leg = legs[index]
    const account = leg && accounts.get(leg.account)
    if (!account) continue
    const words = generation < LEGS_GENERATION ? `${account.accountId} is ${status}` : stoppedWords(account)
    return rejected(`account_${status}`, words, pointer(index, 'account'))
  }
  return undefined
}

function checkCurrency({ legs, pointer, accounts }: Asked): Decision | undefined {
  const heldOn = ({ account, currency }: Leg) => accounts.get(account)?.currency ?? currency
  const index = legs.findIndex((leg) => heldOn(leg) !== leg.currency)
  const leg = legs[index]
  if (!leg) return undefined
  const detail = `${leg.account} holds ${heldOn(leg)}, not ${leg.currency}: name its own currency`
  return rejected('currency_mismatch', detail, pointer(index, 'currency'))
}

/** What is found of the accounts themselves. */
export function checkFound(asked: Asked, ledger: LedgerView, facts: DecisionFacts): Decision | undefined {
  return (
    findAccounts(asked, ledger, facts) ?? checkPayees(asked, facts) ?? checkStatus(asked, facts) ?? checkCurrency(asked)
  )
}

export function checkOpened(
  { legs, pointer, accounts }: Asked,
  effectiveAt: string | undefined,
  ledger: LedgerView,
  facts: DecisionFacts,
) {
  const placeOf = (id: AccountId) => legs.findIndex(({ account }) => account === id)
  const pointerTo = (id: AccountId) => pointer(Math.max(0, placeOf(id)), 'account')
  return checkOpenedOn(effectiveAt, accounts.values(), pointerTo, ledger, facts)
}

/** Money that is promised to others is not there to pay with, and what is promised to an account is not there yet. */
export function checkFunds({ legs, pointer, accounts }: Asked): Decision | undefined {
  for (const [accountId, movementMinor] of movementsOf(legs)) {
    const account = accounts.get(accountId)
    if (!account || movementMinor >= 0n || account.overdraftLimit === 'unlimited') continue
    const availableMinor = account.balanceMinor - (account.heldMinor ?? 0n) + BigInt(account.overdraftLimit)
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
export function checkEachBalance({ legs, pointer, accounts }: Asked): Decision | undefined {
  const balances = new Map<AccountId, bigint>()
  const behind = legs.map(({ account, amount }) => {
    const balanceMinor = (balances.get(account) ?? accounts.get(account)?.balanceMinor ?? 0n) + BigInt(amount)
    balances.set(account, balanceMinor)
    return balanceMinor
  })
  const over = behind.findIndex((balanceMinor, index) => {
    const { dueMinor = 0n, heldMinor = 0n } = accounts.get(legs[index]?.account as AccountId) ?? {}
    return balanceMinor + dueMinor > MAX_BALANCE_MINOR || balanceMinor - heldMinor < MIN_BALANCE_MINOR
  })
  if (over >= 0) {
    const detail = `the balance of ${legs[over]?.account} would no longer fit in 64 bits: use another account`
    return rejected('balance_overflow', detail)
  }
  const wrong = legs.findIndex(({ stands }, index) => stands !== undefined && BigInt(stands) !== behind[index])
  const { account, currency, stands } = legs[wrong] ?? {}
  if (currency === undefined || stands === undefined) return undefined
  const [found, said] = [behind[wrong] ?? 0n, BigInt(stands)].map(
    (minor) => `${formatMinor(minor, currency)} ${currency}`,
  )
  const detail = `${account} would stand at ${found} and not at ${said}: look for what is missing here or there`
  return rejected('assertion_failed', detail, pointer(wrong, 'stands'))
}

export function kindOf(asked: Asked): PaymentKind {
  return kindBetween(sidesOf(asked))
}

/** What a payment is called, by the types of the accounts on either side. */
export function kindBetween({ debited, credited }: Sides): PaymentKind {
  const from = onlyOne(debited)
  const to = onlyOne(credited)
  if (from === undefined || to === undefined) return 'transfer'
  if (from === 'customer' && to === 'customer') return 'payment'
  if (from === 'external' && to !== 'external') return 'deposit'
  return to === 'external' && from !== 'external' ? 'withdrawal' : 'transfer'
}

export function sidesOf(asked: Asked): Sides {
  return { debited: typesOf(asked, isDebit), credited: typesOf(asked, isCredit) }
}

/** Each once; every payment is asked for them. */
function typesOf({ legs, accounts }: Asked, isOfSide: (leg: Leg) => boolean): AccountType[] {
  const types: AccountType[] = []
  for (const leg of legs) {
    const type = isOfSide(leg) ? accounts.get(leg.account)?.type : undefined
    if (type !== undefined && !types.includes(type)) types.push(type)
  }
  return types
}

/** Undefined where they differ, or there are none. */
function onlyOne(types: readonly AccountType[]): AccountType | undefined {
  return types.every((type) => type === types[0]) ? types[0] : undefined
}
