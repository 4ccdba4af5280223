import { paymentIdAt } from '@micropay/schemas/identifiers'
import type { Commit } from '@micropay/schemas/log/commit'
import type { LedgerCommand } from '@micropay/write-side/decide/decide'
import type { CommandResult } from '@micropay/write-side/handle/command'
import type { Books, Fail } from './books.ts'
import { expectedLegs } from './expected-ledger.ts'
import { BEGINNING_MS } from './process.ts'

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

function checkOutcome({ seq, tenant, outcome, events }: Commit, books: Books, asked: LedgerCommand, fail: Fail) {
  const { ledger } = books
  const expected = ledger.outcomeOf(asked, tenant, books.generation())
  const code = outcome.kind === 'accepted' ? 'accepted' : outcome.code
  if (code !== expected) {
    fail({ rule: 'decided rightly', detail: `${seq} ${asked.type}: ${code}, and it should be ${expected}` })
  }
  if (outcome.kind !== 'accepted') return
  ledger.apply(asked, tenant)
  if (asked.type !== 'MakePayment') return
  const [event] = events
  const posted = event?.type === 'PaymentPosted' ? JSON.stringify(event.data.legs) : ''
  if (posted !== JSON.stringify(expectedLegs(asked.data)))
    fail({ rule: 'posted as asked', detail: `${seq}: ${posted}` })
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
}
