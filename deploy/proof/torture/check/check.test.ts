import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { createFindings } from './findings.ts'
import { judgeAnswers } from './judge-answers.ts'
import { judgeReads } from './judge-reads.ts'
import { judgeAtRest, judgeSagas } from './judge-sagas.ts'
import { ledgerOf } from './ledger.ts'
import type { Answer, Attempt, Leg, Read } from './read-journal.ts'
import { askedFor, logOf, noonMs, type Said } from './said.fixture.ts'
import { codesIn } from './told-codes.ts'

const codes = codesIn(readFileSync(join(import.meta.dirname, '../../../../docs/errors.md'), 'utf8'))

const book: readonly Said[] = [
  { key: 'open-ada', open: { accountId: 'ada', overdraftLimit: '0' } },
  { key: 'open-cash', open: { accountId: 'cash', overdraftLimit: 'unlimited' } },
  { key: 'first', pay: ['cash', 'ada', '100'] },
  { key: 'second', pay: ['ada', 'cash', '60'] },
  { key: 'third', pay: ['ada', 'cash', '60'], code: 'insufficient_funds' },
]

function found(commits: readonly Said[], attempts = askedFor(commits), reads: readonly Read[] = []) {
  const findings = createFindings()
  const ledger = ledgerOf([logOf(commits)], 'torture', findings)
  judgeAnswers(ledger, attempts, codes, findings)
  judgeReads(ledger, reads, findings)
  judgeSagas(ledger, findings)
  judgeAtRest(
    ledger.histories.map(({ books }) => books),
    findings,
  )
  return findings.list().map(({ kind, count }) => `${count} ${kind}`)
}

/** The book's attempts with one more, or with one that was told something else. */
function told(key: string, answer: Partial<Answer>): Attempt[] {
  const all = askedFor(book)
  const at = all.find((attempt) => attempt.key === key) ?? { ...askedFor([{ key, pay: ['cash', 'ada', '7'] }])[0] }
  const changed = { ...at, answer: { at: noonMs, status: 0, ...at.answer, ...answer } } as Attempt
  return [...all.filter((attempt) => attempt.key !== key), changed]
}

const read = (balance: string, position: string): Read => ({
  ...{ at: noonMs, accountId: 'ada', atLeast: '0:3', status: 200, position, balance },
})

test('a log and answers that agree are sound, and so are balances as of their positions', () => {
  assert.deepEqual(found(book, askedFor(book), [read('100', '0:3'), read('40', '0:4'), read('40', '0:5')]), [])
})

const leg = (account: string, amount: string, stands?: string): Leg => ({ account, amount, currency: 'EUR', stands })

test('payments of both shapes stand in one log', () => {
  const sound: readonly Said[] = [
    ...book,
    { key: 'fourth', legs: [leg('cash', '-5', '-45'), leg('ada', '5'), leg('ada', '0', '45')] },
    { key: 'fifth', legs: [leg('ada', '-46'), leg('cash', '46')], code: 'insufficient_funds' },
    { key: 'sixth', legs: [leg('ada', '-1', '45'), leg('cash', '1')], code: 'assertion_failed' },
  ]
  assert.deepEqual(found(sound, askedFor(sound), [{ ...read('45', '0:6'), atLeast: '0:6' }]), [])
})

test('two tenants have accounts of the same ids, each with a limit and a balance of its own', () => {
  const other: readonly Said[] = [
    ...book,
    { key: 'open-other', tenant: 'other', open: { accountId: 'ada', overdraftLimit: 'unlimited' } },
    { key: 'open-cash2', tenant: 'other', open: { accountId: 'cash', overdraftLimit: '0' } },
    { key: 'fourth', tenant: 'other', pay: ['ada', 'cash', '500'] },
    { key: 'fifth', tenant: 'other', legs: [leg('cash', '-1', '499'), leg('ada', '1', '-499')] },
    { key: 'sixth', pay: ['ada', 'cash', '41'], code: 'insufficient_funds' },
  ]
  assert.deepEqual(found(other, askedFor(other), [read('40', '0:9')]), [])
  const passed = [...book, other[5], { key: 'seventh', pay: ['ada', 'cash', '41'] as const }].filter((each) => !!each)
  assert.deepEqual(found(passed), ['1 limits passed'])
})

const back = (key: string, amount: string, more: Partial<Said> = {}, whole = false): Said => ({
  ...{ key, back: { of: 4, amount, whole }, legs: [leg('cash', `-${amount}`), leg('ada', amount)] },
  ...more,
})

test('a payment is given back in parts, and an account that is frozen for what leaves it is paid', () => {
  const sound: readonly Said[] = [
    ...book,
    back('a part', '20'),
    { key: 'freeze', freeze: { accountId: 'ada', direction: 'outgoing' } },
    back('the rest', '40', {}, true),
    back('more', '1', { code: 'refund_exceeds_payment' }),
    { key: 'no', pay: ['ada', 'cash', '1'], code: 'account_frozen' },
    { key: 'unfreeze', freeze: { accountId: 'ada', direction: 'nothing' } },
    { key: 'last', pay: ['ada', 'cash', '1'] },
  ]
  assert.deepEqual(found(sound), [])
})

const cases: readonly [title: string, expected: string[], found: () => string[]][] = [
  ['a success that is not in the log', ['1 lost'], () => found(book, told('fourth', { status: 201, position: '0:6' }))],
  [
    'a refusal by the ledger that is not in the log',
    ['1 lost'],
    () => found(book, told('fourth', { status: 422, code: 'account_closed', position: '0:6' })),
  ],
  [
    'a key that counts twice',
    ['1 doubled'],
    () => found([...book, { key: 'first', pay: ['cash', 'ada', '100'] }], askedFor(book)),
  ],
  [
    'a position that two keys were given',
    ['1 positions given twice', '1 lost'],
    () => found(book, told('fourth', { status: 201, position: '0:4' })),
  ],
  [
    'another position than the log has',
    ['1 answers that differ from the log'],
    () => found(book, told('second', { position: '0:9' })),
  ],
  [
    'a success for what the ledger refused',
    ['1 answers that differ from the log'],
    () => found(book, told('third', { status: 201, code: undefined })),
  ],
  [
    'a code that is not documented',
    ['1 answers that differ from the log'],
    () => found(book, told('fourth', { status: 500, code: 'oops', position: undefined })),
  ],
  [
    'a payment of which it was said that nothing was appended',
    ['1 refused as not appended, and in the log'],
    () => found(book, told('second', { status: 503, code: 'not_owner', position: undefined })),
  ],
  ['a payment that nobody asked for', ['1 nobody asked for it'], () => found(book, askedFor(book.slice(0, 4)))],
  [
    'a payment beyond a limit',
    ['1 limits passed'],
    () => found([...book, { key: 'fourth', pay: ['ada', 'cash', '41'] }]),
  ],
  [
    'a refusal though there was enough',
    ['1 refusals without a reason'],
    () => found([...book, { key: 'fourth', pay: ['ada', 'cash', '40'], code: 'insufficient_funds' }]),
  ],
  [
    'a balance that is not what its payment says',
    ['1 assertions passed'],
    () => found([...book, { key: 'fourth', legs: [leg('cash', '-1', '0'), leg('ada', '1')] }]),
  ],
  [
    'a refusal though the balance is what was said',
    ['1 refusals without a reason'],
    () => found([...book, { key: 'x', legs: [leg('cash', '-1', '-41'), leg('ada', '1')], code: 'assertion_failed' }]),
  ],
  [
    'legs that leave something over',
    ['2 money from nowhere'],
    () => found([...book, { key: 'fourth', legs: [leg('cash', '-1'), leg('ada', '2')] }]),
  ],
  [
    'other legs than were asked for',
    ['1 nobody asked for it', '1 answers that differ from the log'],
    () => {
      const other = { key: 'fourth', legs: [leg('cash', '-1'), leg('ada', '1')] }
      return found(
        [...book, other],
        askedFor([...book, { ...other, legs: [leg('cash', '-1', '-41'), leg('ada', '1')] }]),
      )
    },
  ],
  [
    'a time that runs backwards',
    ['1 times that are wrong'],
    () => found([...book, { key: 'fourth', pay: ['cash', 'ada', '1'], decidedAt: '2026-03-01T11:59:59.999Z' }]),
  ],
  [
    'a time that is far from the true one',
    ['1 times that are wrong'],
    () => found([...book, { key: 'fourth', pay: ['cash', 'ada', '1'], decidedAt: '2027-04-06T12:00:00.000Z' }]),
  ],
  [
    'a commit that does not follow',
    ['1 records that do not follow'],
    () => found([...book, { key: 'x', pay: ['cash', 'ada', '1'], previousHash: 'another' }], askedFor(book)),
  ],
  [
    'a commit of an epoch that nobody claimed',
    ['1 records that do not follow'],
    () => found([...book, { key: 'x', pay: ['cash', 'ada', '1'], epoch: 2 }], askedFor(book)),
  ],
  [
    'more given back than was paid',
    ['2 given back too much'],
    () => found([...book, back('a', '41'), back('b', '20')]),
  ],
  ['a part that is said to be all', ['1 given back too much'], () => found([...book, back('a', '41', {}, true)])],
  [
    'a refund that is refused though so much is left',
    ['1 refusals without a reason'],
    () => found([...book, back('a', '60', { code: 'refund_exceeds_payment' })]),
  ],
  [
    'another refund than was asked for',
    ['1 nobody asked for it', '1 answers that differ from the log'],
    () => found([...book, back('a', '20')], askedFor([...book, back('a', '21')])),
  ],
  [
    'money that leaves an account which is frozen for that',
    ['1 frozen accounts moved'],
    () =>
      found([
        ...book,
        { key: 'f', freeze: { accountId: 'ada', direction: 'outgoing' } },
        { key: 'x', pay: ['ada', 'cash', '1'] },
      ]),
  ],
  [
    'money that comes to an account which is frozen',
    ['1 frozen accounts moved'],
    () =>
      found([
        ...book,
        { key: 'f', freeze: { accountId: 'ada', direction: 'all' } },
        { key: 'x', pay: ['cash', 'ada', '1'] },
      ]),
  ],
  [
    'a refusal for a freeze that stops nothing of it',
    ['1 refusals without a reason'],
    () =>
      found([
        ...book,
        { key: 'f', freeze: { accountId: 'ada', direction: 'outgoing' } },
        { key: 'x', pay: ['cash', 'ada', '1'], code: 'account_frozen' },
      ]),
  ],
  ['another balance than the log has', ['1 wrong reads'], () => found(book, askedFor(book), [read('99', '0:3')])],
  [
    'a balance of before what was asked for',
    ['1 wrong reads'],
    () => found(book, askedFor(book), [{ ...read('0', '0:2'), atLeast: '0:3' }]),
  ],
]
for (const [title, expected, find] of cases) {
  test(`found: ${title}`, () => assert.deepEqual(find(), expected))
}

test('nothing is concluded from no answer, nor from one that leaves it open', () => {
  assert.deepEqual(found(book, told('second', { status: 0, position: undefined, decidedAt: undefined })), [])
  const unknown = { status: 504, code: 'outcome_unknown', position: undefined }
  assert.deepEqual(found(book, told('second', unknown)), [])
  assert.deepEqual(found(book, told('fourth', unknown)), [])
})

test('the checker takes nothing from the code that it judges', () => {
  for (const name of readdirSync(import.meta.dirname)) {
    const text = readFileSync(join(import.meta.dirname, name), 'utf8')
    const imported = Array.from(text.matchAll(/^import .* from '([^']+)'$|import\('([^']+)'\)/gm), ([, from]) => from)
    for (const from of imported) assert.match(from ?? '', /^(node:|\.\/|pg$|kafkajs$)/, `${name} imports ${from}`)
  }
})
