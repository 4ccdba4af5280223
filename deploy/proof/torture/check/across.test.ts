import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  ada,
  askedFor,
  begun,
  ben,
  cash,
  completed,
  ended,
  expired,
  failed,
  late,
  leg,
  logsOf,
  opening,
  paid,
  postedThere,
  prepared,
  releasedThere,
  settled,
  type Written,
} from './across.fixture.ts'
import { createFindings } from './findings.ts'
import { judgeAnswers } from './judge-answers.ts'
import { judgeReads } from './judge-reads.ts'
import { judgeAtRest, judgeSagas } from './judge-sagas.ts'
import { ledgerOf } from './ledger.ts'
import type { Attempt, Read } from './read-journal.ts'
import { noonMs } from './said.fixture.ts'
import { codesIn } from './told-codes.ts'

const codes = codesIn(readFileSync(join(import.meta.dirname, '../../../../docs/errors.md'), 'utf8'))

function found(written: readonly Written[], asked: readonly Attempt[] = askedFor('0:4', pending), reads: Read[] = []) {
  const findings = createFindings()
  const ledger = ledgerOf(logsOf([...opening, ...written]), 'torture', findings)
  judgeAnswers(ledger, asked, codes, findings)
  judgeReads(ledger, reads, findings)
  judgeSagas(ledger, findings)
  judgeAtRest(
    ledger.histories.map(({ books }) => books),
    findings,
  )
  return findings.list()
}

const pending = { status: 202, isPending: true }
const refused = { status: 422, code: 'payment_expired', decidedAt: undefined, paymentId: undefined }
const read = (accountId: string, position: string, balance: string): Read => ({
  ...{ at: noonMs, accountId, atLeast: '1:1', status: 200, position, balance },
})

const sound: readonly [title: string, written: readonly Written[], asked: readonly Attempt[], reads?: Read[]][] = [
  ['a payment whose both sides promised', paid, askedFor('0:5,1:3')],
  ['one that was told to be under way', paid, askedFor('0:4', pending)],
  ['one that its payee decided', settled, askedFor('0:5,1:2')],
  ['one that came to its deadline', expired, askedFor('0:5', refused)],
  [
    'balances of both sides, each at the position of its own partition',
    paid,
    askedFor('0:5'),
    [read(ada, '0:4,1:3', '100'), read(ada, '0:5,1:1', '60'), read(ben, '0:5,1:2', '0'), read(ben, '1:3', '40')],
  ],
]
for (const [title, written, asked, reads] of sound) {
  test(`sound: ${title}`, () => assert.deepEqual(found(written, asked, reads), []))
}

const without = (all: readonly Written[], index: number) => all.filter((_, at) => at !== index)
const changed = (all: readonly Written[], index: number, more: Partial<Written>) =>
  all.map((each, at) => (at === index ? { ...each, ...more } : each))
const another: Written = {
  ...{ on: 0, command: 'MakePayment', key: 'salary' },
  events: [{ type: 'PaymentPosted', data: { paymentId: 'pay-0-5', legs: [leg(ada, -61), leg(cash, 61)] } }],
}

const wrong: readonly [title: string, kinds: string[], written: readonly Written[], asked?: readonly Attempt[]][] = [
  ['a payment that never ended', ['payments that did not end', 'promises left behind'], [begun({})]],
  [
    'a payment whose payee never did anything of it',
    ['payments in part', 'steps that do not follow', 'money on its way'],
    [begun({ settles: true }), completed(true)],
  ],
  ['an end that nobody said', ['payments that did not end'], without(paid, 4)],
  [
    'a payee that posted what failed',
    ['payments in part', 'steps that do not follow', 'money on its way'],
    [begun({}), prepared(), failed(), postedThere(), ended(late)],
  ],
  [
    'a payee that posted twice',
    ['steps that do not follow', 'payments in part', 'promises left behind', 'money on its way'],
    [...paid, postedThere()],
  ],
  [
    'a promise of other legs',
    ['steps that do not follow', 'promises left behind'],
    changed(paid, 1, prepared([leg(ben, 41)])),
  ],
  [
    'other money on its way than what moved',
    ['steps that do not follow', 'money from nowhere', 'money on its way'],
    changed(paid, 3, postedThere(true, [leg(ben, 40), leg('transit/0/EUR', -41)])),
  ],
  ['a step that rests on nothing', ['steps that do not follow'], changed(paid, 3, { causes: [] })],
  ['a step that rests on what does not count', ['steps that do not follow'], changed(paid, 3, { causes: [[0, 9]] })],
  ['a decision without the word of all', ['steps that do not follow'], changed(paid, 2, { causes: [] })],
  [
    'a deadline that was not awaited',
    ['steps that do not follow'],
    changed(expired, 2, failed('2026-03-01T12:00:59.999Z')),
  ],
  ['a step that somebody gave a key', ['nobody asked for it'], changed(paid, 1, { key: 'mine' })],
  ['money that is promised, and paid away', ['limits passed', 'doubled'], [begun({}), another]],
  ['a success for what failed', ['answers that differ from the log'], expired, askedFor('0:5')],
  ['a refusal of what came about', ['answers that differ from the log'], paid, askedFor('0:5', refused)],
  ['a position where nothing of it stands', ['answers that differ from the log'], paid, askedFor('0:5,1:1')],
  [
    'a step of what its coordinator said is over',
    ['steps that do not follow'],
    [begun({}), { ...prepared(), low: 5 }, failed(), releasedThere(), ended(late)],
  ],
]
for (const [title, kinds, written, asked] of wrong) {
  test(`found: ${title}`, () => {
    const all = found(written, asked)
    const others = new Set(['payments that did not end', 'promises left behind', 'positions given twice'])
    const seen = all.map(({ kind }) => kind)
    for (const kind of kinds) assert.ok(seen.includes(kind), `${kind} in ${JSON.stringify(all)}`)
    for (const kind of seen) assert.ok(kinds.includes(kind) || others.has(kind), JSON.stringify(all))
  })
}
