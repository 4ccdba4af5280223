import { bookSteps } from './book-steps.ts'
import { type Books, createBooks, keyed, keyOf, movedBy, ownOf } from './books.ts'
import type { Commit } from './commit.ts'
import type { Findings } from './findings.ts'
import { giveBack, leftMinor, wouldGiveBack } from './given-back.ts'
import { createGovernedJudge } from './judge-governed.ts'
import { judgeMoved, judgeReason, judgeSum } from './judge-legs.ts'
import type { Payments } from './payments.ts'
import type { Leg } from './read-journal.ts'

export type History = {
  /** The balance of a tenant's account after the commit of that seq. */
  balanceAt(tenant: string, accountId: string, seq: number): bigint
  /** As all commits leave it. */
  readonly books: Books
}

/** Books the commits of a partition in their order, and judges each against what those before it left. */
export function bookCommits(
  { partition, commits }: { readonly partition: number; readonly commits: readonly Commit[] },
  payments: Payments,
  findings: Findings,
): History {
  const books = createBooks(partition, payments.partitions)
  const governed = createGovernedJudge(findings)
  const history = new Map<string, { seq: number; balance: bigint }[]>()
  const move = (legs: readonly Leg[], seq: number) => {
    for (const [id, amount] of movedBy(legs)) {
      const balance = (books.balances.get(id) ?? 0n) + amount
      books.balances.set(id, balance)
      const steps = history.get(id) ?? []
      steps.push({ seq, balance })
      history.set(id, steps)
    }
  }
  for (const commit of commits) {
    governed.take(commit)
    if (commit.outcome.kind === 'rejected') {
      judgeRefusal(commit, books, findings)
      continue
    }
    setAccounts(commit, books)
    if (commit.steps.length > 0) bookSteps(commit, { books, payments, findings, move })
    else if (commit.paymentId !== undefined) bookPayment(commit, books, findings, move)
  }
  const balanceAt = (tenant: string, accountId: string, seq: number) =>
    history.get(keyOf(tenant, accountId))?.findLast((step) => step.seq <= seq)?.balance ?? 0n
  return { balanceAt, books }
}

function bookPayment(
  commit: Commit,
  books: Books,
  findings: Findings,
  move: (legs: readonly Leg[], seq: number) => void,
): void {
  const { seq, tenant, paymentId = '', reverses } = commit
  const legs = keyed(tenant, commit.legs)
  const where = `seq ${books.partition}:${seq}`
  if (ownOf(commit.legs, books).length < legs.length) findings.add('steps that do not follow', `${where}: foreign legs`)
  judgeMoved(legs, where, books, findings)
  judgeSum(legs, where, findings)
  giveBack(commit, legs, books, findings)
  move(legs, seq)
  if (!reverses) books.left.set(paymentId, movedBy(legs))
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

/** The partition that decides a command knows its own accounts, and refuses for those alone. */
function judgeRefusal(commit: Commit, books: Books, findings: Findings): void {
  const { seq, outcome, asked: command, tenant } = commit
  const wrong = (why: string) => findings.add('refusals without a reason', `seq ${books.partition}:${seq}: ${why}`)
  const left = command?.paymentId === undefined ? undefined : books.left.get(command.paymentId)
  const isRefund = commit.command === 'RefundPayment'
  const legs = isRefund
    ? ownKeyed(wouldGiveBack(left, command?.amount), books)
    : keyed(tenant, ownOf(commit.legs, books))
  const { code } = outcome
  if (commit.command === 'MakePayment' || (isRefund && left)) judgeReason(code, legs, books, wrong)
  if (code === 'payment_not_found' && left) wrong('the payment is there')
  if (code === 'refund_exceeds_payment' && left && leftMinor(left) >= BigInt(command?.amount ?? 1)) {
    wrong(`${leftMinor(left)} is left of ${command?.paymentId}`)
  }
}

/** Of legs that are kept by tenant and id. */
function ownKeyed(legs: readonly Leg[], books: Books): Leg[] {
  const byId = legs.map((leg) => ({ ...leg, account: leg.account.slice(leg.account.indexOf(' ') + 1) }))
  const own = new Set(ownOf(byId, books))
  return legs.filter((_, index) => own.has(byId[index] as Leg))
}
