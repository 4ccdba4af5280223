import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { AcrossFault } from '@micropay/schemas/api/across'
import { EVENT_GENERATION, HISTORY_GENERATION } from '@micropay/schemas/log/generations'
import {
  afresh,
  again,
  ben,
  benPosted,
  cid,
  completed,
  type Entry,
  gone,
  hashAt,
  initiated,
  judged,
  type Logs,
  learned,
  leg,
  ownPosted,
  partly,
  posted,
  prepared,
  released,
  reopened,
  writtenOff,
} from './lost-history.fixture.ts'

const orders = [
  [0, 1, 2],
  [1, 0, 2],
  [2, 1, 0],
] as const

describe('what is made good of a history that was lost', () => {
  for (const [what, logs] of Object.entries({ learned, again, afresh, gone, released, partly })) {
    test(`is no fault, and all is over: ${what}`, () => {
      for (const order of orders) {
        const judge = judged(logs, order)
        const { faults, waiting, underWay } = judge.result()
        assert.deepEqual([faults, waiting, underWay.payments, judge.followed()], [[], 0, 0, 0], `${order}`)
      }
    })

    test(`is no fault at any vector, and reading on closes it: ${what}`, () => {
      for (let first = 0; first <= 5; first += 1) {
        for (let second = 0; second <= 4; second += 1) {
          const judge = judged(logs, [1, 0, 2], [first, second, 0])
          assert.deepEqual(judge.result().faults, [], `${first} and ${second}`)
        }
      }
    })
  }
})

/** The entry of a partition at that seq, changed; undefined leaves it out. */
function changed(logs: Logs, partition: number, seq: number, change: Partial<Entry> | undefined): Logs {
  return logs.map((log, index) =>
    index === partition
      ? log.flatMap((entry) => (entry.seq !== seq ? entry : change ? { ...entry, ...change } : []))
      : log,
  )
}

const cases: readonly (readonly [string, Logs, ...AcrossFault['code'][]])[] = [
  ['learned where nothing was ever lost', changed(learned, 0, 50, undefined), 'never_lost'],
  ['learned from two', changed(learned, 0, 51, { on: ['1:3', '1:3'] }), 'answer_missing'],
  ['learned from a promise', changed(learned, 0, 51, { on: ['1:2'] }), 'cause_unfit'],
  ['learned of another hash', changed(learned, 0, 51, { on: ['1:3:9'] }), 'cause_changed'],
  [
    'decided without a word that it was learned',
    changed(learned, 0, 51, { events: [completed(), ownPosted] }),
    'cause_unfit',
  ],
  ['a cause that is not lost, and not there', changed(learned, 1, 3, { on: ['0:60'] }), 'cause_missing'],
  [
    'opened again though the answer stands',
    [
      again[0] ?? [],
      [
        { seq: 2, events: [benPosted({ promised: false })], on: ['0:2'] },
        ...(again[1] ?? []).map((entry) => (entry.resumes ? { ...entry, resumes: 2 } : entry)),
      ],
      [],
    ],
    'never_lost',
  ],
  ['opened again though it was not over', changed(again, 0, 3, { events: [completed(), ownPosted] }), 'step_misplaced'],
  ['opened again as failed', changed(again, 0, 4, { events: [reopened({ outcome: 'failed' })] }), 'outcomes_differ'],
  [
    'opened again for one that gave no answer',
    changed(again, 0, 4, { events: [reopened({ asks: [1, 2] })] }),
    'never_lost',
  ],
  ['over again without the answer', changed(again, 0, 6, { on: [] }), 'answer_missing'],
  [
    'over again on the word of one that was not asked',
    changed(partly, 0, 7, { on: ['1:52', '2:3'] }),
    'answer_missing',
  ],
  [
    'opened again with other legs',
    changed(partly, 0, 5, { events: [reopened({ participants: [1, 2], asks: [1] })] }),
    'legs_differ',
  ],
  ['opened again for no resume', changed(partly, 0, 5, { on: [] }), 'cause_missing'],
  ['over without being opened again', changed(again, 0, 4, undefined), 'cause_missing'],
  [
    'posted again where nothing was lost',
    [again[0] ?? [], (again[1] ?? []).filter(({ resumes }) => resumes === undefined), []],
    'never_lost',
  ],
  [
    'posted again without a word that it was forced',
    changed(again, 1, 52, { events: [benPosted({ promised: false })] }),
    'cause_unfit',
  ],
  [
    'posted again to another account',
    changed(again, 1, 52, {
      events: [posted([leg(cid, 300), leg('transit/0/EUR', -300)], { promised: false, forced: true })],
    }),
    'legs_differ',
  ],
  [
    'posted again with another amount',
    changed(again, 1, 52, {
      events: [posted([leg(ben, 299), leg('transit/0/EUR', -299)], { promised: false, forced: true })],
    }),
    'legs_differ',
  ],
  [
    'posted twice by force',
    changed(again, 1, 52, { seq: 52 }).map((log, index) =>
      index === 1 ? [...log, { ...(log.at(-1) as Entry), seq: 53 }] : log,
    ),
    'payment_unknown',
    'step_misplaced',
  ],
  [
    'written off, though it is there',
    changed([[{ seq: 2, events: [initiated()] }, ...(gone[0] ?? [])], gone[1] ?? [], []], 0, 50, { resumes: 2 }),
    'never_lost',
  ],
  ['written off by other sums', changed(gone, 1, 4, { events: [writtenOff(299)] }), 'transit_unexplained'],
  ['written off twice', changed(gone, 1, 5, { events: [writtenOff(300)] }), 'step_misplaced'],
  ['written off what was never posted', changed(gone, 1, 3, undefined), 'step_misplaced'],
  ['written off by a resume of another hash', changed(gone, 1, 4, { on: ['0:50:9'] }), 'cause_changed'],
  ['released by a resume of another partition', changed(released, 1, 4, { on: ['2:50'] }), 'cause_missing'],
  ['accepted by what is no resume', changed(gone, 1, 5, { on: ['0:51'] }), 'cause_missing'],
  ['accepted of another partition', changed(gone, 1, 5, { on: ['2:50'] }), 'cause_missing'],
  ['answered by what accepts nothing', changed(gone, 0, 51, { on: ['1:4'] }), 'cause_missing'],
  ['answered by another hash', changed(gone, 0, 51, { on: ['1:5:9'] }), 'cause_changed'],
]

describe('what is not made good as it must', () => {
  for (const [what, logs, ...codes] of cases) {
    test(`${what} is a fault`, () => {
      for (const order of orders) {
        const judge = judged(logs, order)
        for (const partition of [0, 1, 2]) judge.ends(partition)
        const found = judge.result().faults.map(({ code }) => code)
        assert(
          found.some((code) => codes.includes(code)),
          `${order}: ${found.join() || 'nothing'}`,
        )
      }
    })
  }
})

test('what has no account any more may stand in suspense where it was forced, and nowhere else', () => {
  const inSuspense = [leg('suspense/1/EUR', 300), leg('transit/0/EUR', -300)]
  const forced = changed(again, 1, 52, { events: [posted(inSuspense, { promised: false, forced: true })] })
  assert.deepEqual(judged(forced).result().faults, [])
  const elsewhere = [leg('suspense/2/EUR', 300), leg('transit/0/EUR', -300)]
  const other = changed(again, 1, 52, { events: [posted(elsewhere, { promised: false, forced: true })] })
  assert.deepEqual(
    judged(other)
      .result()
      .faults.map(({ code }) => code),
    ['legs_differ'],
  )
})

test('what is lost is not missed once the resume was read, and waited for before', () => {
  const judge = judged(learned, [1, 0, 2], [1, 2, 0])
  assert.deepEqual([judge.result().waiting, [...judge.wanted()]], [1, [[0, 3]]])
  judge.resumed({ previousSeq: 2, eventGeneration: EVENT_GENERATION }, { partition: 0, seq: 50, hash: hashAt(0, 50) })
  assert.deepEqual([judge.result().faults, judge.result().waiting, judge.result().givenUp], [[], 0, 1])
})

test('a payment that is gone is under way until it is written off, and one opened again until it is over', () => {
  const before = gone.map((log) => log.filter(({ events = [] }) => !JSON.stringify(events).includes('WrittenOff')))
  const { underWay } = judged(before).result()
  assert.deepEqual(underWay.sums, [{ between: [0, 1], currency: 'EUR', amount: '-300', payments: 1 }])
  const { underWay: open } = judged(changed(again, 0, 6, undefined)).result()
  assert.equal(open.payments, 1)
})

test('what was given up before anybody made it good is told, and is no fault', () => {
  const old = (logs: Logs): Logs => changed(logs, 0, 50, { generation: HISTORY_GENERATION - 1 })
  const left = old([
    [{ seq: 50, resumes: 2 }],
    [
      { seq: 2, events: [prepared], on: ['0:2'] },
      { seq: 3, events: [benPosted()], on: ['0:2'] },
    ],
    [],
  ])
  const { faults, givenUp } = judged(left).result()
  assert.deepEqual([faults, givenUp > 0], [[], true])
})
