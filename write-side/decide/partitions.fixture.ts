import assert from 'node:assert/strict'
import { MakePayment } from '@micropay/schemas/api/payment'
import { type PaymentId, paymentIdAt } from '@micropay/schemas/identifiers'
import type { Commit } from '@micropay/schemas/log/commit'
import type { EventOf } from '@micropay/schemas/log/event'
import { EVENT_GENERATION } from '@micropay/schemas/log/generations'
import type { Accepted, Message, PaymentMessage, Resumed } from '@micropay/schemas/log/message'
import { partitionOf } from '@micropay/schemas/placement'
import { stepTypes } from '../handle/make-commit.ts'
import { changeOf, changeOfResume, type StateChange } from '../state/partition-state.ts'
import { judgeCommit } from '../verify/judge-commit.ts'
import { accountKey, accounts, putAccount } from './account.ts'
import type { AccountState } from './account-state.ts'
import { unknownIn } from './answer-history.ts'
import { decide, type LedgerCommand, partitionFor } from './decide.ts'
import { factsTold, newHeard } from './heard.fixture.ts'
import { isBlocked, isDropped, isOfGone, isTold, stillSaid } from './history.ts'
import { historyAnswer, historyAsked } from './history-messages.ts'
import { type DecisionFacts, eventOf, type LedgerView } from './ledger.ts'
import { createLostHistory } from './lost-history.ts'
import { transits } from './moved-legs.ts'
import { emptyLedger, overlayOn } from './overlay.ts'
import { account } from './payment.fixture.ts'
import { sagas } from './saga.ts'
import { messagesOf, sealedIn } from './saga-messages.ts'
import { decideStep, doneBy } from './step.ts'
import type { Given, Stepped } from './stepped.ts'

const decidedAt = '2026-03-01T09:30:00.000Z'
const noResume = {
  ...{ epoch: 2, claimId: 'c'.repeat(16), actor: 'sam', reason: 'a disk was lost', resumedAt: decidedAt },
  eventGeneration: EVENT_GENERATION,
}

type Place = { readonly seq: number; readonly previousSeq: number; readonly previousHash: string }
type Mail = Message[]

/** Partitions of one ledger, each decided by the rules alone: what they say to each other waits in `mail`. */
export function partitionsOf(partitions: number, held: readonly AccountState[]) {
  const mail: Mail = []
  const parts = Array.from({ length: partitions }, (_, partition) => partWith(partition, partitions, held, mail))
  return {
    mail,
    parts,
    pay: (payment: object, facts: Partial<DecisionFacts> = {}, key = `key ${Math.random()}`) =>
      give({ type: 'MakePayment', data: MakePayment.parse(payment) }, facts, key),
    give,
    /** Hands over one message; the first, unless it is said. */
    deliver(index = 0): Stepped['kind'] | undefined {
      const [message] = mail.splice(index, 1)
      return message && parts[message.to]?.hear(message)
    },
    deliverAll(): void {
      for (let turns = 0; mail.length > 0 || parts.some((part) => part.end()); turns += 1) {
        assert(turns < 10_000, 'the partitions never stop talking')
        const message = mail.shift()
        if (message) parts[message.to]?.hear(message)
      }
    },
    balances: () => Object.fromEntries(parts.flatMap((part) => part.balances())),
  }
  function give(command: LedgerCommand, facts: Partial<DecisionFacts> = {}, key = `key ${Math.random()}`) {
    const part = parts[partitionFor(command, partitions)]
    assert(part)
    return part.give(command, facts, key)
  }
}

/** One partition's ledger, log and what it has heard; `count` takes a commit over, and says what that leads to. */
function bookWith(partition: number, partitions: number, held: readonly AccountState[], mail: Mail) {
  const ledger = overlayOn(emptyLedger)
  const own = held.filter(({ accountId }) => partitionOf(accountId, partitions) === partition)
  ledger.put(own.map(putAccount))
  const say = (...messages: Message[]) => void mail.push(...messages.filter((each) => isTold(each, ledger)))
  const ears = newHeard()
  const log: Commit[] = []
  let epoch = 1
  let last = { seq: 0, hash: '' }
  const hashAt = (seq: number) => [partition, seq, ...(epoch === 1 ? [] : [epoch])].join(':').padEnd(43, '-')
  const hashes = new Map<Commit, string>()
  /** Each behind so many commits. */
  const resumes: { readonly behind: number; readonly record: typeof noResume & Place; readonly hash: string }[] = []
  let given = 0

  type Counting = Omit<Commit, 'epoch' | 'seq' | 'previousHash' | 'outcome'>
  function count(commit: Counting, original?: Commit): Commit {
    const seq = last.seq + 1
    const place = { epoch, seq, previousHash: last.hash.padEnd(43, '-') }
    const whole: Commit = { ...place, ...commit, outcome: { kind: 'accepted' } }
    const wrong = judgeCommit(whole, ledger, { partition, partitions, generation: EVENT_GENERATION, original })
    assert.equal(wrong, undefined)
    const { factAt, closes, stepped } = fold(whole, hashAt(seq))
    if (factAt !== undefined) tellFacts(factAt)
    if (closes) say(...sealedIn(ledger, speaker()))
    for (const payment of stepped) say(...messagesOf(payment, ledger, speaker(), ears.heardOf(payment)))
    return whole
  }
  function fold(commit: Commit, hash: string): StateChange {
    const change = changeOf(commit, ledger, { partition, hash })
    ledger.put(change.puts)
    log.push(commit)
    hashes.set(commit, hash)
    last = { seq: commit.seq, hash }
    given = Math.max(given, commit.seq)
    return change
  }
  /** Only the first commits are still there, and what was resumed in front of them; a person accepts that. */
  function lose(kept: number): void {
    const [before, resumed] = [log.splice(0).slice(0, kept), resumes.splice(0)]
    ledger.take()
    ledger.put(own.map(putAccount))
    last = { seq: 0, hash: '' }
    for (const [index, commit] of before.entries()) {
      for (const each of resumed) if (each.behind === index) resume(each.record, each.hash)
      fold(commit, hashes.get(commit) ?? '')
    }
    epoch += 1
    ears.forgetHeard()
    given = (Math.floor(given / 1000) + 1) * 1000
    resume({ ...noResume, seq: given, previousSeq: last.seq, previousHash: last.hash }, hashAt(given))
  }
  function resume(record: (typeof resumes)[number]['record'], hash: string): void {
    resumes.push({ behind: log.length, record, hash })
    last = { seq: record.seq, hash }
    ledger.put(changeOfResume(record, ledger, { partition, partitions, hash }).puts)
  }
  const speaker = () => ({ partition, partitions, seq: last.seq })
  const tellFacts = (known: number) => say(...factsTold(known, ledger, speaker()))
  const hashOf = (commit: Commit) => hashes.get(commit) ?? ''

  /** What stands in the log, in its order. */
  const entries = () =>
    [
      ...log.map((commit) => ({ commit, place: { partition, seq: commit.seq, hash: hashOf(commit) } })),
      ...resumes.map(({ record, hash }) => ({ resume: record, place: { partition, seq: record.seq, hash } })),
    ].sort((one, other) => one.place.seq - other.place.seq)

  return { ...ears, partition, ledger, log, own, speaker, hashOf, entries, count, lose, say, tellFacts }
}

type Book = ReturnType<typeof bookWith>

function stepOf(book: Book, given: Given, isLate = false): Stepped['kind'] {
  const { ledger, heardOf, sealedOf, speaker, count } = book
  const { partition, partitions, seq } = speaker()
  // Whatever expires has waited for long enough.
  const at = isLate || given.kind === 'expired' ? '2026-03-01T09:40:00.000Z' : decidedAt
  const facts = {
    partition,
    partitions,
    seq,
    decidedAt: at,
    generation: EVENT_GENERATION,
    heard: heardOf,
    sealed: sealedOf,
  }
  const stepped = decideStep(given, ledger, facts)
  if (stepped.kind !== 'accepted') return stepped.kind
  const { events, tenant, actor, causes, low } = stepped
  count({
    ...{
      tenant,
      actor,
      decidedAt: at,
      command: { type: stepTypes[given.kind] },
    },
    ...{ causes: [...causes], ...(low === undefined ? {} : { low }), events: [...events] },
  })
  return 'accepted'
}

function isHeldUp(payment: PaymentId, ledger: LedgerView): boolean {
  const saga = ledger.read(sagas, payment)
  return saga !== undefined && isBlocked(saga, ledger)
}

function hearResumed(book: Book, message: Resumed): Stepped['kind'] {
  const { ledger, log, hashOf, say, speaker } = book
  // The resume was lost, too, and what asked for it is late.
  if (isOfGone(message, ledger)) return 'nothing'
  const lost = createLostHistory(message, ledger, unknownIn(message, ledger).length > 0)
  for (const commit of log) lost.take(commit, { hash: hashOf(commit) })
  assert(!lost.isGivenAgain(), 'a resume gives no position again')
  const findings = lost.findings(ledger)
  for (const finding of findings) stepOf(book, { kind: 'found', message, finding })
  const kind = stepOf(book, { kind: 'accepting', message, findings })
  const answer = historyAnswer(message, ledger, speaker())
  if (answer) say(answer)
  return kind
}

function hearAccepted(book: Book, message: Accepted): Stepped['kind'] {
  for (const told of message.steps) stepOf(book, { kind: 'learned', message, told })
  return stepOf(book, { kind: 'answered', message })
}

/** What is said of the whole ledger. */
function hearOfLedger(message: Exclude<Message, PaymentMessage | Accepted | Resumed>, book: Book): Stepped['kind'] {
  const { ledger, seals, say, speaker } = book
  if (message.kind === 'ask-facts' || isDropped(message, ledger)) return 'nothing'
  if (message.kind === 'sealed') {
    seals.set(message.from, message)
    return stepOf(book, { kind: 'closings' })
  }
  const kind = stepOf(book, { kind: 'told', message })
  if (kind === 'nothing') say(...sealedIn(ledger, speaker()))
  return kind
}

function partWith(partition: number, partitions: number, held: readonly AccountState[], mail: Mail) {
  const book = bookWith(partition, partitions, held, mail)
  const { ledger, log, own, heard, heardOf, speaker, count, lose, say, tellFacts, forgetHeard } = book
  const step = (given: Given, isLate = false) => stepOf(book, given, isLate)
  return {
    log,
    ledger,
    give(command: LedgerCommand, more: Partial<DecisionFacts>, idempotencyKey: string) {
      const facts: DecisionFacts = {
        ...{ tenant: 'main', subject: 'customer:ada', mayBook: false, decidedAt, partitions },
        ...{ paymentId: paymentIdAt(partition, speaker().seq + 1), generation: EVENT_GENERATION, ...more },
      }
      const decision = decide(command, ledger, facts)
      if (decision.kind === 'rejected') return decision.code
      const actor = { subject: facts.subject, client: 'test' }
      const asked = { command: { type: command.type }, idempotencyKey, requestHash: 'h'.repeat(22) }
      count({ ...{ ...asked, tenant: facts.tenant, actor, decidedAt }, events: [...decision.events] }, facts.original)
      return facts.paymentId
    },
    ...{ lose, speaker, entries: book.entries },
    /** Asks all who have yet to say what they know of what was lost here. */
    askHistory: () => say(...historyAsked(ledger, speaker())),
    hear(message: Message): Stepped['kind'] {
      if (message.kind === 'resumed') return hearResumed(book, message)
      if (message.kind === 'accepted') return hearAccepted(book, message)
      if (!('payment' in message)) return hearOfLedger(message, book)
      const kind = step({ kind: 'heard', message })
      if ('low' in message) {
        if (kind === 'nothing') say(...messagesOf(message.payment, ledger, speaker(), new Map()))
      } else if (kind !== 'parked' && !isDropped(message, ledger) && !isHeldUp(message.payment, ledger)) {
        const before = stillSaid(heardOf(message.payment), ledger).get(message.from)
        if (before?.kind !== 'posted' && before?.kind !== 'refused') {
          heard.set(message.payment, heardOf(message.payment).set(message.from, message))
        }
      }
      return kind
    },
    /** Ends what is done everywhere. */
    end(): boolean {
      const done = [...heard.keys()].filter((payment) => {
        const saga = ledger.read(sagas, payment)
        return saga && doneBy(saga, heardOf(payment))
      })
      return done.length > 0 && step({ kind: 'ended', payments: done }) === 'accepted'
    },
    step,
    /** Asks again for all that is open. */
    askAgain(payments: Iterable<PaymentId>): void {
      for (const payment of payments) say(...messagesOf(payment, ledger, speaker(), heardOf(payment)))
    },
    /** At home: tells all that holds behind a seq to all others once more. */
    tellFacts,
    forgetHeard,
    balances: () =>
      own.map(({ accountId, tenant }) => {
        const { balanceMinor = 0n, heldMinor, dueMinor } = ledger.read(accounts, accountKey(tenant, accountId)) ?? {}
        const under = [heldMinor && `held ${heldMinor}`, dueMinor && `due ${dueMinor}`].filter(Boolean)
        return [accountId, [balanceMinor, ...under].join(' ')] as const
      }),
    transit: (id: string) => ledger.read(transits, { tenant: 'main', accountId: id }),
    failure: (payment: PaymentId): EventOf<'PaymentFailed'>['data'] | undefined =>
      log
        .flatMap(({ events }) => eventOf(events, 'PaymentFailed')?.data ?? [])
        .find(({ paymentId }) => paymentId === payment),
  }
}

export { account }
