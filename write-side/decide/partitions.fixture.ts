import assert from 'node:assert/strict'
import { MakePayment } from '@micropay/schemas/api/payment'
import { type PaymentId, type PeriodId, paymentIdAt } from '@micropay/schemas/identifiers'
import type { Commit } from '@micropay/schemas/log/commit'
import type { EventOf, OwnStep } from '@micropay/schemas/log/event'
import { EVENT_GENERATION } from '@micropay/schemas/log/generations'
import type { Answer, Message, PaymentMessage, SealedMessage } from '@micropay/schemas/log/message'
import { partitionOf } from '@micropay/schemas/placement'
import { changeOf } from '../state/partition-state.ts'
import { judgeCommit } from '../verify/judge-commit.ts'
import { accountKey, accounts, putAccount } from './account.ts'
import type { AccountState } from './account-state.ts'
import { decide, type LedgerCommand, partitionFor } from './decide.ts'
import { type DecisionFacts, eventOf } from './ledger.ts'
import { factsBehind, HOME } from './ledger-facts.ts'
import { emptyLedger, overlayOn } from './overlay.ts'
import { account } from './payment.fixture.ts'
import { sagas, transits } from './saga.ts'
import { messagesOf, sealedIn } from './saga-messages.ts'
import { decideStep, doneBy } from './step.ts'
import type { Given, Stepped } from './stepped.ts'

const decidedAt = '2026-03-01T09:30:00.000Z'

/** Partitions of one ledger, each decided by the rules alone: what they say to each other waits in `mail`. */
export function partitionsOf(partitions: number, held: readonly AccountState[]) {
  const mail: Message[] = []
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

const stepTypes = {
  ...{ heard: 'StepPayment', ended: 'StepPayment', expired: 'ExpirePayment' },
  ...{ told: 'TakeFact', closings: 'StepPeriod' },
} as const satisfies Record<Given['kind'], OwnStep>

/** One partition's ledger, log and what it has heard; `count` takes a commit over, and says what that leads to. */
function bookWith(partition: number, partitions: number, held: readonly AccountState[], mail: Message[]) {
  const ledger = overlayOn(emptyLedger)
  const own = held.filter(({ accountId }) => partitionOf(accountId, partitions) === partition)
  ledger.put(own.map(putAccount))
  const heard = new Map<PaymentId, Map<number, Answer>>()
  const seals = new Map<number, SealedMessage>()
  const heardOf = (payment: PaymentId) => heard.get(payment) ?? new Map<number, Answer>()
  const log: Commit[] = []
  const hashAt = (seq: number) => `${partition}:${seq}`.padEnd(43, '-')

  type Counting = Omit<Commit, 'epoch' | 'seq' | 'previousHash' | 'outcome'>
  function count(commit: Counting, original?: Commit): Commit {
    const seq = log.length + 1
    const place = { epoch: 1, seq, previousHash: hashAt(seq - 1) }
    const whole: Commit = { ...place, ...commit, outcome: { kind: 'accepted' } }
    const wrong = judgeCommit(whole, ledger, { partition, partitions, generation: EVENT_GENERATION, original })
    assert.equal(wrong, undefined)
    const change = changeOf(whole, ledger, { partition, hash: hashAt(seq) })
    ledger.put(change.puts)
    log.push(whole)
    if (change.factAt !== undefined) tellFacts(change.factAt)
    if (change.closes) mail.push(...sealedIn(ledger, { partition }))
    for (const payment of change.stepped) mail.push(...messagesOf(payment, ledger, speaker(), heardOf(payment)))
    return whole
  }
  const speaker = () => ({ partition, partitions, seq: log.length })

  /** At home: to all others. */
  function tellFacts(known: number): void {
    if (partition !== HOME) return
    for (let to = 1; to < partitions; to += 1) {
      for (const told of factsBehind(known, ledger)) mail.push({ kind: 'fact', from: HOME, to, ...told })
    }
  }

  function forgetHeard(): void {
    heard.clear()
    seals.clear()
  }

  return { ledger, log, own, heard, seals, heardOf, speaker, count, step, tellFacts, forgetHeard }
  function step(given: Given, isLate = false): Stepped['kind'] {
    const { partitions } = speaker()
    // Whatever expires has waited for long enough.
    const at = isLate || given.kind === 'expired' ? '2026-03-01T09:40:00.000Z' : decidedAt
    const facts = {
      partition,
      partitions,
      seq: log.length,
      decidedAt: at,
      generation: EVENT_GENERATION,
      heard: heardOf,
      sealed: (period: PeriodId) => new Map([...seals].filter(([, message]) => message.period === period)),
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
}

/** What is said of the whole ledger. */
function hearOfLedger(
  message: Exclude<Message, PaymentMessage>,
  { seals, step, ledger }: ReturnType<typeof bookWith>,
  partition: number,
  mail: Message[],
): Stepped['kind'] {
  if (message.kind === 'ask-facts') return 'nothing'
  if (message.kind === 'sealed') {
    seals.set(message.from, message)
    return step({ kind: 'closings' })
  }
  const kind = step({ kind: 'told', message })
  if (kind === 'nothing') mail.push(...sealedIn(ledger, { partition }))
  return kind
}

function partWith(partition: number, partitions: number, held: readonly AccountState[], mail: Message[]) {
  const book = bookWith(partition, partitions, held, mail)
  const { ledger, log, own, heard, heardOf, speaker, count, step, tellFacts, forgetHeard } = book
  return {
    log,
    ledger,
    give(command: LedgerCommand, more: Partial<DecisionFacts>, idempotencyKey: string) {
      const facts: DecisionFacts = {
        ...{ tenant: 'main', subject: 'customer:ada', mayBook: false, decidedAt, partitions },
        ...{ paymentId: paymentIdAt(partition, log.length + 1), generation: EVENT_GENERATION, ...more },
      }
      const decision = decide(command, ledger, facts)
      if (decision.kind === 'rejected') return decision.code
      const actor = { subject: facts.subject, client: 'test' }
      const asked = { command: { type: command.type }, idempotencyKey, requestHash: 'h'.repeat(22) }
      count({ ...{ ...asked, tenant: facts.tenant, actor, decidedAt }, events: [...decision.events] }, facts.original)
      return facts.paymentId
    },
    hear(message: Message): Stepped['kind'] {
      if (!('payment' in message)) return hearOfLedger(message, book, partition, mail)
      const kind = step({ kind: 'heard', message })
      if ('low' in message) {
        if (kind === 'nothing') mail.push(...messagesOf(message.payment, ledger, speaker(), new Map()))
      } else if (kind !== 'parked') {
        const before = heardOf(message.payment).get(message.from)
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
      for (const payment of payments) mail.push(...messagesOf(payment, ledger, speaker(), heardOf(payment)))
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
