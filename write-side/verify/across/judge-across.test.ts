import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { idOn } from '@micropay/event-log/across.fixture'
import type { PaymentId } from '@micropay/schemas/identifiers'
import type { Commit } from '@micropay/schemas/log/commit'
import { EVENT_GENERATION } from '@micropay/schemas/log/generations'
import fc from 'fast-check'
import { partitionsOf } from '../../decide/partitions.fixture.ts'
import { posting } from '../../decide/payment.fixture.ts'
import { act, held, type Logs, PARTITIONS, written } from './histories.fixture.ts'
import { createAcrossJudge } from './judge-across.ts'

const [ada, ben, cid] = [0, 1, 2].map((partition) => idOn(partition, PARTITIONS, 'house')) as [string, string, string]

const hashAt = (partition: number, seq: number) => `${partition}:${seq}`.padEnd(43, '-')

/** Partitions, each read as far as the vector says; `order` says which of them is read on next. */
function read(logs: Logs, vector: readonly number[], order: (turn: number) => number = () => 0) {
  const judge = createAcrossJudge(logs.length)
  const at = logs.map(() => 0)
  let most = 0
  const next = (partition: number) => {
    const commit = logs[partition]?.[at[partition] ?? 0]
    at[partition] = (at[partition] ?? 0) + 1
    const seq = at[partition] as number
    assert(commit)
    judge.take(commit, { partition, seq, hash: hashAt(partition, seq) })
    most = Math.max(most, judge.followed())
  }
  const readTo = (wanted: readonly number[]) => {
    for (let turn = 0; ; turn += 1) {
      const left = logs.map((_, partition) => partition).filter((each) => (at[each] ?? 0) < (wanted[each] ?? 0))
      if (left.length === 0) return
      next(left[order(turn) % left.length] ?? 0)
    }
  }
  readTo(vector)
  return { judge, at, readTo, most: () => most }
}

const ends = (logs: Logs) => logs.map((log) => log.length)
const codesIn = (logs: Logs) => {
  const { faults } = read(logs, ends(logs)).judge.result()
  return faults.map(({ code }) => code)
}

test('a reader of partitions at any positions finds no fault, and none waits once it has read on', () => {
  let [waited, wasUnderWay] = [0, 0]
  fc.assert(
    fc.property(
      fc.array(act, { maxLength: 60 }),
      fc.array(fc.nat(), { minLength: 3, maxLength: 3 }),
      fc.array(fc.nat(), { minLength: 1, maxLength: 40 }),
      fc.boolean(),
      (acts, cuts, order, whole) => {
        const logs = written(acts, whole)
        const vector = logs.map((log, partition) => (cuts[partition] ?? 0) % (log.length + 1))
        const { judge, at, readTo } = read(logs, vector, (turn) => order[turn % order.length] ?? 0)
        const first = judge.result()
        assert.deepEqual(first.faults, [])
        waited += first.waiting
        wasUnderWay += first.underWay.payments
        for (let wanted = judge.wanted(); wanted.size > 0; wanted = judge.wanted()) {
          readTo(at.map((seq, partition) => wanted.get(partition) ?? seq))
        }
        const closed = judge.result()
        assert.deepEqual([closed.faults, closed.waiting], [[], 0])
        readTo(ends(logs))
        const last = judge.result()
        assert.deepEqual([last.faults, last.waiting], [[], 0])
        if (whole) assert.deepEqual(last.underWay, { payments: 0, oldest: null, sums: [] })
      },
    ),
    { numRuns: 400 },
  )
  assert(waited > 50 && wasUnderWay > 50, `${waited} waited, and ${wasUnderWay} were under way`)
})

test('what is under way is told with its age, between which partitions and how much', () => {
  const ledger = partitionsOf(PARTITIONS, held)
  const paid = ledger.pay({ postings: [posting(ada, ben, '300')] }, { mayBook: true })
  ledger.deliver()
  const logs = ledger.parts.map(({ log }) => log)
  assert.deepEqual(read(logs, ends(logs)).judge.result().underWay, {
    payments: 1,
    oldest: { paymentId: paid, since: '2026-03-01T09:30:00.000Z' },
    sums: [{ between: [0, 1], currency: 'EUR', amount: '-300', payments: 1 }],
  })
})

test('only what is under way is remembered', () => {
  const ledger = partitionsOf(PARTITIONS, held)
  for (let count = 0; count < 300; count += 1) {
    ledger.pay({ postings: [posting(ada, ben, '3')] }, { mayBook: true })
    ledger.deliverAll()
  }
  const logs = ledger.parts.map(({ log }) => log)
  assert.equal(ends(logs).join(), '600,300,0')
  // Two commits of the first for one of the second: read side by side, as time goes.
  const { judge, most } = read(logs, ends(logs), (turn) => (turn % 3 === 1 ? 1 : 0))
  assert.deepEqual([judge.result().payments, judge.followed()], [300, 0])
  assert(most() <= 3, `${most()}`)
})

describe('what partitions do not say alike', () => {
  const run = (isPrompt: boolean) => {
    const ledger = partitionsOf(PARTITIONS, held)
    // Inside one partition, and none of these.
    ledger.pay({ postings: [posting(ada, idOn(0, PARTITIONS, 'purse'), '1')] }, { mayBook: true })
    const postings = [posting(ada, ben, '300'), ...(isPrompt ? [] : [posting(ada, cid, '200')])]
    ledger.pay({ postings }, { mayBook: true, isPrompt: () => isPrompt })
    ledger.deliverAll()
    return ledger.parts.map(({ log }) => log)
  }
  const [settled, prepared] = [run(true), run(false)]
  /** The commit of a partition that holds an event of that type, changed. */
  const changed = (logs: Logs, partition: number, type: string, change: (commit: Commit) => Commit | undefined): Logs =>
    logs.map((log, index) =>
      index === partition
        ? log.flatMap((commit) =>
            commit.events.some((event) => event.type === type) ? (change(commit) ?? []) : commit,
          )
        : log,
    )
  const textOf = (commit: Commit, from: string | RegExp, to: string): Commit =>
    JSON.parse(JSON.stringify(commit).replaceAll(from, to))

  test('nothing, where nothing was changed', () => {
    assert.deepEqual([codesIn(settled), codesIn(prepared)], [[], []])
  })

  const cases: readonly (readonly [string, Logs, string])[] = [
    [
      'a cause that is no commit of the payment',
      changed(prepared, 1, 'LegsPrepared', (commit) => textOf(commit, '"seq":2,"hash"', '"seq":1,"hash"')),
      'cause_missing',
    ],
    [
      'a cause of another hash',
      changed(settled, 1, 'LegsPosted', (commit) => textOf(commit, '0:2-', '0:7-')),
      'cause_changed',
    ],
    ['no cause', changed(settled, 1, 'LegsPosted', ({ causes: _, ...commit }) => commit), 'cause_missing'],
    [
      'a cause of another kind',
      changed(prepared, 1, 'LegsPosted', (commit) => ({
        ...commit,
        causes: [{ partition: 0, seq: 2, hash: hashAt(0, 2) }],
      })),
      'cause_unfit',
    ],
    [
      'other legs than were asked for',
      changed(settled, 1, 'LegsPosted', (commit) => textOf(commit, /"(-?)300"/g, '"$1301"')),
      'legs_differ',
    ],
    [
      'another value date than was asked for',
      changed(settled, 1, 'LegsPosted', (commit) => textOf(commit, /"effectiveAt":"2026/g, '"effectiveAt":"2025')),
      'legs_differ',
    ],
    ['another tenant', changed(settled, 1, 'LegsPosted', (commit) => ({ ...commit, tenant: 'other' })), 'legs_differ'],
    [
      'what passed between that is not what the other one took',
      changed(prepared, 1, 'LegsPosted', (commit) => textOf(commit, '"-300"', '"-299"')),
      'transit_unexplained',
    ],
    [
      'a payment that comes about without the word of one',
      changed(prepared, 0, 'PaymentCompleted', (commit) => ({ ...commit, causes: commit.causes?.slice(0, 1) ?? [] })),
      'answer_missing',
    ],
    [
      'one that is over without the word of one',
      changed(prepared, 0, 'PaymentEnded', (commit) => ({ ...commit, causes: commit.causes?.slice(1) ?? [] })),
      'answer_missing',
    ],
    [
      'one that is posted here and failed there',
      changed(settled, 0, 'PaymentCompleted', (commit) => {
        const paymentId = 'pay-0-2' as PaymentId
        const rejection = { code: 'payment_expired' as const, detail: '' }
        return {
          ...commit,
          events: [{ type: 'PaymentFailed', version: 1, data: { paymentId, rejection, ended: true } }],
        }
      }),
      'outcomes_differ',
    ],
    [
      'a step of what never began',
      changed(settled, 0, 'PaymentInitiated', (commit) => ({ ...commit, events: [] })),
      'payment_unknown',
    ],
    ['a step twice', prepared.map((log, index) => (index === 1 ? [...log, ...log] : log)), 'step_misplaced'],
    ['a step of what was over', settled.map((log, index) => (index === 1 ? [...log, ...log] : log)), 'payment_unknown'],
    [
      'one that was prepared where its participant decides',
      changed(prepared, 0, 'PaymentInitiated', (commit) => textOf(commit, '"deadline"', '"settles":true,"deadline"')),
      'cause_unfit',
    ],
  ]
  for (const [what, logs, code] of cases) {
    test(`${what} is a fault`, () => assert.ok(codesIn(logs).includes(code as never), `${codesIn(logs)}`))
  }

  test('a cause beyond what was read waits; beyond the end of its log it is for ever unread', () => {
    const { judge } = read(settled, [2, 1, 0])
    assert.deepEqual([judge.result().faults, judge.result().waiting], [[], 0])
    const early = read(settled, [0, 1, 0]).judge
    assert.deepEqual([early.result().faults, early.result().waiting], [[], 1])
    assert.deepEqual([...early.wanted()], [[0, 2]])
  })

  test('one that rests on what is nowhere is not over, and is a fault at the end of that log', () => {
    const far = changed(settled, 1, 'LegsPosted', (commit) => textOf(commit, '"seq":2,"hash"', '"seq":99,"hash"'))
    const { judge } = read(far, ends(far))
    assert.deepEqual([judge.result().waiting, judge.result().faults], [1, []])
    judge.ends(0)
    assert.deepEqual(
      judge.result().faults.map(({ code }) => code),
      ['cause_missing'],
    )
  })

  test('what rests on a history that a person has given up is told, and is no fault', () => {
    const { judge } = read(settled, [0, 1, 0])
    judge.resumed({ previousSeq: 1, eventGeneration: EVENT_GENERATION }, { partition: 0, seq: 90, hash: hashAt(0, 90) })
    const { faults, givenUp } = judge.result()
    assert.deepEqual([faults, givenUp > 0], [[], true])
  })
})

describe('a fact of the whole ledger', () => {
  const rule = { command: 'MakePayment', people: 2 }
  const policy = (partition: number, more: object = {}): Commit =>
    ({
      ...{ epoch: 1, seq: 1, previousHash: hashAt(partition, 0), decidedAt: '2026-03-01T09:30:00.000Z' },
      ...{ tenant: 'main', actor: { subject: 'operator:olga', client: 'test' }, outcome: { kind: 'accepted' } },
      command: { type: partition === 0 ? 'SetPolicy' : 'TakeFact' },
      ...(partition === 0 ? {} : { causes: [{ partition: 0, seq: 1, hash: hashAt(0, 1) }] }),
      events: [{ type: 'PolicySet', version: 1, data: { policyId: 'pol-0-1', rule } }],
      ...more,
    }) as Commit
  const told = (more: object) => codesIn([[policy(0)], [policy(1, more)], []])

  test('is what its home has decided, wherever it was taken over', () => {
    assert.deepEqual(told({}), [])
    assert.deepEqual(told({ causes: [{ partition: 0, seq: 1, hash: hashAt(0, 2) }] }), ['cause_changed'])
    assert.deepEqual(told({ causes: [{ partition: 2, seq: 1, hash: hashAt(2, 1) }] }), ['cause_missing'])
    assert.deepEqual(told({ tenant: 'other' }), ['fact_differs'])
  })

  test('that was not read at home yet is waited for', () => {
    const { judge } = read([[policy(0)], [policy(1)], []], [0, 1, 0])
    assert.deepEqual([judge.result().faults, judge.result().waiting, [...judge.wanted()]], [[], 1, [[0, 1]]])
  })
})
