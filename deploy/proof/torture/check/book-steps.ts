import { type Books, keyed, keyOf, movedBy, ownOf, promise, sumsOf } from './books.ts'
import type { Commit } from './commit.ts'
import type { Findings } from './findings.ts'
import { giveBack, restore } from './given-back.ts'
import { judgeMoved, judgeReason, judgeSum } from './judge-legs.ts'
import type { Payments } from './payments.ts'
import { isTransit, placeOf } from './placement.ts'
import type { Leg } from './read-journal.ts'
import type { Step } from './steps.ts'

type Into = {
  readonly books: Books
  readonly payments: Payments
  readonly findings: Findings
  move(legs: readonly Leg[], seq: number): void
}

/** Books what a commit says of payments across partitions: what it promises, posts or lets go of. */
export function bookSteps(commit: Commit, into: Into): void {
  for (const step of commit.steps) bookStep(commit, step, into)
}

function bookStep(commit: Commit, step: Step, into: Into): void {
  const { books, findings, payments } = into
  const { seq, tenant } = commit
  const where = `seq ${books.partition}:${seq}`
  if (step.kind === 'begun') {
    judgeSum(step.begun.legs, where, findings)
    giveBack(commit, keyed(tenant, step.begun.legs), books, findings)
  }
  if (step.kind === 'promised') {
    judgeMoved(keyed(tenant, step.legs), where, books, findings)
    promise(keyed(tenant, step.legs), 1n, books)
  }
  if (step.kind === 'released') promise(keyed(tenant, step.legs), -1n, books)
  if (step.kind === 'posted') post(commit, step, into)
  const payment = 'paymentId' in step ? payments.begun.get(step.paymentId) : undefined
  if (!payment) return
  const legs = keyed(tenant, payment.legs)
  if (step.kind === 'refused' && commit.causes.some((cause) => payments.at(cause)?.steps[0]?.kind === 'begun')) {
    const no = (why: string) => findings.add('refusals without a reason', `${where}: ${why}`)
    judgeReason(step.code, keyed(tenant, ownOf(payment.legs, books)), books, no)
  }
  if (step.kind === 'completed' && !payment.reverses) books.left.set(step.paymentId, movedBy(legs))
  if (step.kind === 'failed' && payment.reverses) restore(payment.reverses, legs, books)
}

type Posted = Extract<Step, { kind: 'posted' }>

/** Own legs, and on transit accounts what passes between here and the partitions that have the others. */
function post({ seq, tenant }: Commit, step: Posted, { books, payments, findings, move }: Into): void {
  const where = `seq ${books.partition}:${seq}`
  const wrong = (what: string) => findings.add('steps that do not follow', `${where}: ${what}`)
  const own = keyed(tenant, ownOf(step.legs, books))
  const transit = step.legs.filter(({ account }) => isTransit(account))
  if (own.length + transit.length < step.legs.length) wrong(`${step.paymentId} posts foreign legs`)
  const payment = payments.begun.get(step.paymentId)
  const coordinator = placeOf(step.paymentId)?.partition ?? -1
  if (payment) {
    const expected =
      coordinator === books.partition
        ? payment.participants.flatMap((other) =>
            passed(other, ownOf(payment.legs, { ...books, partition: other }), 1n),
          )
        : passed(coordinator, ownOf(payment.legs, books), -1n)
    if (textOf(transit) !== textOf(expected)) wrong(`${step.paymentId}: ${textOf(transit)} passes`)
  }
  if (step.wasPromised) promise(own, -1n, books)
  else judgeMoved(own, where, books, findings)
  judgeSum(step.legs, where, findings)
  move([...own, ...transit.map((leg) => ({ ...leg, account: keyOf(tenant, leg.account) }))], seq)
}

/** What legs come to in each currency, on the transit account for a partition. */
function passed(partition: number, legs: readonly Leg[], times: 1n | -1n): Leg[] {
  return [...sumsOf(legs)].map(([currency, minor]) => ({
    ...{ account: `transit/${partition}/${currency}`, amount: String(minor * times), currency },
  }))
}

export function textOf(legs: readonly Leg[]): string {
  const texts = legs.flatMap(({ account, amount, currency }) =>
    amount === '0' ? [] : [`${account} ${amount} ${currency}`],
  )
  return texts.sort().join(', ')
}
