import type { Commit } from './commit.ts'
import type { Findings } from './findings.ts'
import { createGovernedJudge } from './judge-governed.ts'
import type { Leg } from './read-journal.ts'

export type History = {
  /** The balance of a tenant's account after the commit of that seq. */
  balanceAt(tenant: string, accountId: string, seq: number): bigint
}

type Amounts = Map<string, bigint>
type Books = {
  readonly limits: Map<string, bigint | undefined>
  readonly balances: Amounts
  /** What a freeze stops. */
  readonly frozen: Map<string, 'nothing' | 'outgoing' | 'all'>
  /** Of each payment what it moved on each account, less what was given back. */
  readonly left: Map<string, Amounts>
}

/** Books commits in their order, and judges each against what those before it left. */
export function bookCommits(commits: readonly Commit[], findings: Findings): History {
  const books: Books = { limits: new Map(), balances: new Map(), frozen: new Map(), left: new Map() }
  const governed = createGovernedJudge(findings)
  const history = new Map<string, { seq: number; balance: bigint }[]>()
  for (const { legs: written, ...commit } of commits) {
    const legs = written.map((leg) => ({ ...leg, account: keyOf(commit.tenant, leg.account) }))
    governed.take({ ...commit, legs })
    if (commit.outcome.kind === 'rejected') {
      judgeRefusal({ ...commit, legs }, books, findings)
      continue
    }
    judgeAccepted({ ...commit, legs }, books, findings)
    setAccounts({ ...commit, legs }, books)
    for (const [id, amount] of movedBy(legs)) {
      const balance = (books.balances.get(id) ?? 0n) + amount
      books.balances.set(id, balance)
      const steps = history.get(id) ?? []
      steps.push({ seq: commit.seq, balance })
      history.set(id, steps)
    }
    if (commit.paymentId !== undefined && !commit.reverses) books.left.set(commit.paymentId, movedBy(legs))
  }
  const balanceAt = (tenant: string, accountId: string, seq: number) =>
    history.get(keyOf(tenant, accountId))?.findLast((step) => step.seq <= seq)?.balance ?? 0n
  return { balanceAt }
}

/** All that is kept of accounts is kept by this. */
function keyOf(tenant: string, accountId: string): string {
  return `${tenant} ${accountId}`
}

function setAccounts(
  { tenant, opened, frozen, governed: { changed } }: Commit,
  { limits, frozen: stops }: Books,
): void {
  const [accountId, limit] = opened?.split(' ') ?? []
  const set = (id: string, text = '0') => limits.set(keyOf(tenant, id), text === 'unlimited' ? undefined : BigInt(text))
  if (accountId) set(accountId, limit)
  if (changed?.overdraftLimit !== undefined) set(changed.accountId, changed.overdraftLimit)
  if (frozen) stops.set(keyOf(tenant, frozen.accountId), frozen.stops)
}

function judgeRefusal(
  { seq, outcome, legs: asked, asked: command, reverses, ...commit }: Commit,
  books: Books,
  findings: Findings,
): void {
  const wrong = (why: string) => findings.add('refusals without a reason', `seq ${seq}: ${why}`)
  const left = command?.paymentId === undefined ? undefined : books.left.get(command.paymentId)
  const legs = commit.command === 'RefundPayment' ? givenBack(left, command?.amount) : asked
  const { code } = outcome
  if (code === 'insufficient_funds' && passing(legs, books).length === 0) wrong('nobody would have passed a limit')
  if (code === 'assertion_failed' && unlike(legs, books).length === 0) wrong('every balance is what it was said to be')
  if (code === 'account_frozen' && !commit.frozen && isOfMoney(commit.command) && stopped(legs, books).length === 0) {
    wrong('nobody is frozen that way')
  }
  if (code === 'payment_not_found' && left) wrong('the payment is there')
  if (code === 'refund_exceeds_payment' && left && leftMinor(left) >= BigInt(command?.amount ?? 1)) {
    wrong(`${leftMinor(left)} is left of ${command?.paymentId}`)
  }
}

function judgeAccepted(commit: Commit, books: Books, findings: Findings): void {
  const { seq, legs, reverses } = commit
  for (const id of passing(legs, books)) findings.add('limits passed', `seq ${seq}: ${id} by ${movedBy(legs).get(id)}`)
  for (const id of unlike(legs, books)) findings.add('assertions passed', `seq ${seq}: ${id}`)
  for (const id of stopped(legs, books)) findings.add('frozen accounts moved', `seq ${seq}: ${id}`)
  for (const [currency, sum] of sumsOf(legs)) {
    if (sum !== 0n) findings.add('money from nowhere', `seq ${seq}: ${sum} minor units of ${currency}`)
  }
  if (!reverses) return
  const left = books.left.get(reverses.paymentId)
  if (!left) {
    findings.add('given back too much', `seq ${seq}: ${reverses.paymentId} is no payment`)
    return
  }
  for (const [id, amount] of movedBy(legs)) {
    const [before, after] = [left.get(id) ?? 0n, (left.get(id) ?? 0n) + amount]
    left.set(id, after)
    // It goes back towards zero, and never past it.
    const isWithin = before < 0n ? before <= after && after <= 0n : 0n <= after && after <= before
    if (!isWithin) findings.add('given back too much', `seq ${seq}: ${id} had ${before} left of ${reverses.paymentId}`)
  }
  const isAll = [...left.values()].every((minor) => minor === 0n)
  if (isAll !== reverses.whole) findings.add('given back too much', `seq ${seq}: said to be whole: ${reverses.whole}`)
}

const isOfMoney = (command: string) => command === 'MakePayment' || command === 'RefundPayment'

/** What a refund of so much moves, or of all that is left; an amount is of a payment between two. */
function givenBack(left: Amounts | undefined, amount: string | undefined): Leg[] {
  const open = [...(left ?? [])].filter(([, minor]) => minor !== 0n)
  return open.map(([account, minor]) => {
    const back = amount === undefined ? -minor : minor > 0n ? -BigInt(amount) : BigInt(amount)
    return { account, amount: back.toString(), currency: '' }
  })
}

function leftMinor(left: Amounts): bigint {
  return [...left.values()].reduce((sum, minor) => (minor > 0n ? sum + minor : sum), 0n)
}

/** Accounts that would pass their limit. */
function passing(legs: readonly Leg[], { limits, balances }: Books): string[] {
  const passes = [...movedBy(legs)].filter(([id, amount]) => {
    const least = limits.get(id)
    return amount < 0n && least !== undefined && (balances.get(id) ?? 0n) + amount < -least
  })
  return passes.map(([id]) => id)
}

/** Accounts that a freeze stops from what is moved. */
function stopped(legs: readonly Leg[], { frozen }: Books): string[] {
  const isStopped = ({ account, amount }: Leg) => {
    const stops = frozen.get(account) ?? 'nothing'
    return stops === 'all' || (stops === 'outgoing' && amount.startsWith('-'))
  }
  return legs.filter(isStopped).map(({ account }) => account)
}

function movedBy(legs: readonly Leg[]): Amounts {
  const moved: Amounts = new Map()
  for (const { account, amount } of legs) moved.set(account, (moved.get(account) ?? 0n) + BigInt(amount))
  return moved
}

function sumsOf(legs: readonly Leg[]): Amounts {
  const sums: Amounts = new Map()
  for (const { currency, amount } of legs) sums.set(currency, (sums.get(currency) ?? 0n) + BigInt(amount))
  return sums
}

/** Accounts that would not stand behind a leg where it says that they do. */
function unlike(legs: readonly Leg[], { balances }: Books): string[] {
  const behind = new Map<string, bigint>()
  return legs.flatMap(({ account, amount, stands }) => {
    const balance = (behind.get(account) ?? balances.get(account) ?? 0n) + BigInt(amount)
    behind.set(account, balance)
    return stands === undefined || BigInt(stands) === balance ? [] : [account]
  })
}
