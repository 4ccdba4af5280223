import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { idOn } from '@micropay/event-log/across.fixture'
import type { PaymentId } from '@micropay/schemas/identifiers'
import type { Commit } from '@micropay/schemas/log/commit'
import type { LedgerEvent } from '@micropay/schemas/log/event'
import { EVENT_GENERATION } from '@micropay/schemas/log/generations'
import { partitionOf } from '@micropay/schemas/placement'
import { putAccount } from '../decide/account.ts'
import { emptyLedger, overlayOn } from '../decide/overlay.ts'
import { account, partitionsOf } from '../decide/partitions.fixture.ts'
import { posting } from '../decide/payment.fixture.ts'
import { changeOf } from '../state/partition-state.ts'
import { judgeCommit } from './judge-commit.ts'

const PARTITIONS = 3
const [ada, ben, cid] = [idOn(0, 3, 'ada'), idOn(1, 3, 'ben'), idOn(2, 3, 'cid')]
const held = [
  account(ada, { balanceMinor: 1000n }),
  account(ben, { owner: 'customer:ben' }),
  account(cid, { owner: 'customer:cid' }),
]
const slow = { isPrompt: () => false }
const toBen = { postings: [posting(ada, ben, '300')] }
const toBoth = { postings: [posting(ada, ben, '300'), posting(ada, cid, '200')] }

/** What is wrong with the first commit of a partition that is not as it should be. */
function wrongIn(partition: number, log: readonly Commit[]): string | undefined {
  const ledger = overlayOn(emptyLedger)
  ledger.put(held.filter(({ accountId }) => partitionOf(accountId, PARTITIONS) === partition).map(putAccount))
  for (const [index, commit] of log.entries()) {
    const whole = { ...commit, seq: index + 1 }
    const wrong = judgeCommit(whole, ledger, { partition, partitions: PARTITIONS, generation: EVENT_GENERATION })
    if (wrong !== undefined) return wrong
    ledger.put(changeOf(whole, ledger, { partition, hash: `${partition}:${index + 1}`.padEnd(43, '-') }).puts)
  }
  return undefined
}

type Logs = readonly (readonly Commit[])[]

function logsOf(run: (ledger: ReturnType<typeof partitionsOf>) => void): Logs {
  const ledger = partitionsOf(PARTITIONS, held)
  run(ledger)
  return ledger.parts.map(({ log }) => log)
}

const settled = logsOf((ledger) => {
  ledger.pay(toBen)
  ledger.deliverAll()
})
const prepared = logsOf((ledger) => {
  ledger.pay(toBoth)
  ledger.deliverAll()
})
const failed = logsOf((ledger) => {
  const payment = ledger.pay(toBoth) as PaymentId
  ledger.deliver()
  ledger.deliver()
  ledger.give({ type: 'CancelPayment', data: { paymentId: payment } })
  ledger.deliverAll()
})
const expired = logsOf((ledger) => {
  const payment = ledger.pay(toBen) as PaymentId
  ledger.mail.length = 0
  ledger.parts[0]?.step({ kind: 'expired', payment })
  ledger.deliverAll()
})

test('a run with every path has no fault on any partition', () => {
  const seen = new Set<string>()
  for (const logs of [settled, prepared, failed, expired]) {
    for (const [partition, log] of logs.entries()) {
      assert.equal(wrongIn(partition, log), undefined)
      for (const { events } of log) for (const { type } of events) seen.add(type)
    }
  }
  const all = ['PaymentInitiated', 'PaymentCompleted', 'PaymentFailed', 'CancelRequested', 'PaymentEnded']
  const own = ['LegsPrepared', 'LegsPosted', 'LegsReleased', 'LegsRefused']
  assert.deepEqual([...seen].sort(), [...all, ...own].sort())
})

/** The place of the first commit that holds it. */
function placeOf(log: readonly Commit[] = [], type: LedgerEvent['type']): number {
  const place = log.findIndex(({ events }) => events.some((event) => event.type === type))
  assert(place >= 0, `no ${type}`)
  return place
}

const runs = { settled, prepared, failed, expired }
const steps = [
  ['settled', 1, 'LegsPosted'],
  ['settled', 0, 'PaymentCompleted'],
  ['prepared', 1, 'LegsPrepared'],
  ['prepared', 1, 'LegsPosted'],
  ['prepared', 0, 'PaymentCompleted'],
  ['prepared', 0, 'PaymentEnded'],
  ['failed', 0, 'PaymentFailed'],
  ['failed', 1, 'LegsReleased'],
  ['failed', 0, 'PaymentEnded'],
  ['expired', 0, 'CancelRequested'],
  ['expired', 1, 'LegsRefused'],
  ['expired', 0, 'PaymentFailed'],
] as const

for (const [run, partition, type] of steps) {
  describe(`${type} of a payment that is ${run}`, () => {
    const log = runs[run][partition] ?? []
    const place = placeOf(log, type)
    const step = log[place] as Commit
    const before = log.slice(0, place)

    test('twice is a fault', () => {
      assert.notEqual(wrongIn(partition, [...before, step, step]), undefined)
    })

    if (step.command.type === 'StepPayment') {
      test('without what it rests on is a fault', () => {
        const { causes: _, ...alone } = step
        assert.notEqual(wrongIn(partition, [...before, alone]), undefined)
        assert.notEqual(wrongIn(partition, [...before, { ...step, causes: step.causes?.slice(1) }]), undefined)
      })
    }

    if (place > 0) {
      test('without what it follows is a fault', () => {
        assert.notEqual(wrongIn(partition, [step]), undefined)
      })
    }

    test('with other legs, or for another payment, is a fault', () => {
      const text = JSON.stringify(step.events)
      const other = text.replaceAll(/pay-0-(\d+)/g, (_, seq) => `pay-0-${Number(seq) + 70}`)
      const changes = type === 'LegsRefused' || type === 'LegsPosted' || type === 'LegsPrepared' ? [] : [other]
      const dearer = text.replaceAll(/"(-?)300"/g, '"$1301"')
      const isPromise = type === 'LegsPrepared' || (type === 'LegsPosted' && run === 'settled')
      // What a participant is first told stands on another partition: verify over all of them compares it.
      if (dearer !== text && !isPromise) changes.push(dearer)
      for (const changed of changes) {
        assert.notEqual(wrongIn(partition, [...before, { ...step, events: JSON.parse(changed) }]), undefined, changed)
      }
    })
  })
}

test('a payment is decided once, and not both ways', () => {
  const done = prepared[0] ?? []
  const place = placeOf(done, 'PaymentCompleted')
  const begun = done.slice(0, place)
  const [completed, away] = [done[place], failed[0]?.[placeOf(failed[0], 'PaymentFailed')]] as [Commit, Commit]
  assert.equal(wrongIn(0, [...begun, completed]), undefined)
  assert.equal(wrongIn(0, [...begun, away]), undefined)
  assert.notEqual(wrongIn(0, [...begun, completed, away]), undefined)
  assert.notEqual(wrongIn(0, [...begun, away, completed]), undefined)
})

test('it does not end before every participant has done what was decided', () => {
  const log = prepared[0] ?? []
  const place = placeOf(log, 'PaymentEnded')
  const ended = log[place] as Commit
  assert.deepEqual(
    ended.causes?.map(({ partition }) => partition),
    [1, 2],
  )
  assert.match(
    wrongIn(0, [...log.slice(0, place), { ...ended, causes: ended.causes?.slice(0, 1) }]) ?? '',
    /does not name them all/,
  )
  assert.notEqual(wrongIn(0, [...log.slice(0, place - 1), ended]), undefined)
})

test('legs are posted, refused and released each after what allows it alone', () => {
  const [posted, refused, released] = [settled[1]?.[0], expired[1]?.[0], failed[1]?.[1]] as [Commit, Commit, Commit]
  assert.deepEqual(
    [posted, refused, released].map(({ events }) => events[0]?.type),
    ['LegsPosted', 'LegsRefused', 'LegsReleased'],
  )
  assert.notEqual(wrongIn(1, [refused, posted]), undefined)
  assert.notEqual(wrongIn(1, [posted, refused]), undefined)
  assert.notEqual(wrongIn(1, [released]), undefined)
  assert.notEqual(wrongIn(1, [...(failed[1] ?? []), posted]), undefined)
})

test('time lets go of what is prepared, and of nothing that another one decides', () => {
  const log = expired[0] ?? []
  const requested = log[placeOf(log, 'CancelRequested')] as Commit
  const begun = log.slice(0, placeOf(log, 'CancelRequested'))
  const failure = log[placeOf(log, 'PaymentFailed')] as Commit
  const { causes: _, ...byTime } = { ...failure, command: requested.command }
  assert.notEqual(wrongIn(0, [...begun, byTime]), undefined)
  assert.notEqual(wrongIn(0, [...begun, { ...requested, decidedAt: begun[0]?.decidedAt ?? '' }]), undefined)
})

test('a participant that was told that nothing is open goes on with nothing of before', () => {
  const step = settled[1]?.[0] as Commit
  const later = { ...step, low: 40, events: JSON.parse(JSON.stringify(step.events).replaceAll('pay-0-1', 'pay-0-41')) }
  assert.equal(wrongIn(1, [step, later]), undefined)
  const late = { ...step, events: JSON.parse(JSON.stringify(step.events).replaceAll('pay-0-1', 'pay-0-39')) }
  assert.notEqual(wrongIn(1, [step, later, late]), undefined)
})

test('who is slow is not asked to decide: what is prepared is not posted at once', () => {
  const logs = logsOf((ledger) => {
    ledger.pay(toBen, slow)
    ledger.deliver()
  })
  const [promise] = logs[1] ?? []
  assert.equal(promise?.events[0]?.type, 'LegsPrepared')
})
