import { paymentIdAt, proposalIdAt } from '@micropay/schemas/identifiers'
import type { Commit } from '@micropay/schemas/log/commit'
import type { LedgerCommand } from '@micropay/write-side/decide/decide'
import type { CommandResult } from '@micropay/write-side/handle/command'
import type { Books } from './books.ts'
import { mayApprove } from './draw-intents.ts'
import { type ExpectedLeg, type ExpectedPosting, movedBy } from './expected-payments.ts'
import { eventOf, outcomeIn } from './invariants.ts'
import { BEGINNING_MS } from './process.ts'
import type { Fail } from './violation.ts'

/** So far from the true time may `decidedAt` be: what clocks of machines may be apart, and some time on the way. */
const CLOCK_BOUND_MS = 5 * 60_000

/** A commit that counts was asked for, is what should have been decided, and says when. */
export function checkCommit(
  commit: Commit,
  books: Books,
  asked: LedgerCommand | undefined,
  sentMs: number,
  fail: Fail,
) {
  const { seq, decidedAt } = commit
  if (decidedAt < books.lastDecidedAt()) {
    fail({ rule: 'time goes on', detail: `${seq} is decided at ${decidedAt}, after ${books.lastDecidedAt()}` })
  }
  const apartMs = Math.abs(Date.parse(decidedAt) - BEGINNING_MS - sentMs)
  if (apartMs > CLOCK_BOUND_MS) fail({ rule: 'time is near the true time', detail: `${seq}: ${apartMs} ms apart` })
  if (asked) checkOutcome(commit, books, asked, fail)
  else fail({ rule: 'nobody asked for it', detail: `${seq} holds ${commit.command.type}` })
}

function checkOutcome(commit: Commit, books: Books, command: LedgerCommand, fail: Fail) {
  const { ledger, invariants } = books
  const { seq, tenant, actor, decidedAt } = commit
  const { subject } = actor
  const asked = {
    ...{ command, tenant, seq, decidedAt, generation: books.generation() },
    ...{ subject, mayApprove: mayApprove(subject) },
  }
  const [expected, found] = [ledger.outcomeOf(asked), outcomeIn(commit)]
  if (found !== expected) {
    fail({ rule: 'decided rightly', detail: `${seq} ${command.type}: ${found}, and it should be ${expected}` })
  }
  if (found === 'accepted') checkPosting(commit, ledger.postingOf(asked), fail)
  const broken = invariants.take(commit)
  if (broken) fail(broken)
  ledger.apply(asked, found, eventOf(commit, 'CommandProposed')?.data.command.hash)
}

/** What is written is what was asked for, or what comes back of a payment, and when it counts. */
function checkPosting(commit: Commit, expected: ExpectedPosting | undefined, fail: Fail): void {
  const posted = eventOf(commit, 'PaymentPosted')?.data
  if (!posted && !expected) return
  const is = (detail: string) => fail({ rule: 'posted as asked', detail: `${commit.seq}: ${detail}` })
  if (!posted || !expected) {
    is(posted ? 'a payment that nobody asked for' : 'no payment')
    return
  }
  const { legs, effectiveAt, reverses, corrects } = expected
  const written = reverses ? net(posted.legs) : JSON.stringify(posted.legs)
  if (written !== (reverses ? net(legs) : JSON.stringify(legs))) is(`${written} moves`)
  const valued = effectiveAt === undefined ? commit.decidedAt : new Date(effectiveAt).toISOString()
  if (posted.effectiveAt !== valued) is(`it counts at ${posted.effectiveAt}`)
  const said = JSON.stringify([posted.reverses, posted.corrects])
  if (said !== JSON.stringify([reverses, corrects])) is(`it reverses ${said}`)
}

/** What is moved on each account, in the order of their ids: of a refund its legs may be in any order. */
function net(legs: readonly ExpectedLeg[]): string {
  return [...movedBy(legs)]
    .map(([account, minor]) => `${account} ${minor}`)
    .sort()
    .join(', ')
}

/** An answer says what its commit says. */
export function checkAnswer(result: CommandResult, commit: Commit, partition: number, requestHash: string, fail: Fail) {
  if (result.kind === 'refused') return
  const { seq, outcome, decidedAt } = commit
  const is = (detail: string) => fail({ rule: 'the answer is its own', detail: `${partition}:${seq}: ${detail}` })
  if (commit.requestHash !== requestHash) is('it was another request')
  if (outcome.kind !== result.kind) is(`it was ${outcome.kind}`)
  if (result.kind === 'rejected') {
    if (outcome.kind === 'rejected' && outcome.code !== result.rejection.code) is(`it was ${outcome.code}`)
    return
  }
  const { answer } = result
  if (answer.decidedAt !== decidedAt) is(`it was decided at ${decidedAt}`)
  if ('paymentId' in answer && answer.paymentId !== paymentIdAt(partition, seq)) {
    is(`the payment is ${answer.paymentId}`)
  }
  const isProposed = eventOf(commit, 'CommandProposed') !== undefined
  const isOpen = 'status' in answer && 'proposalId' in answer && answer.status === 'open'
  if (isOpen !== isProposed) is(isOpen ? 'it is no proposal' : 'it is a proposal')
  if (isOpen && answer.proposalId !== proposalIdAt(partition, seq)) is(`the proposal is ${answer.proposalId}`)
}
