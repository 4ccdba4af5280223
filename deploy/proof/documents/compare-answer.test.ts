import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareAnswer, movedBy } from './compare-answer.ts'
import { examplesIn } from './examples.ts'

const run = { begunMs: Date.parse('2026-11-29T10:00:00Z'), latestMs: Date.parse('2026-12-06T10:01:00Z') }
const compare = (shown: string, came: unknown) => compareAnswer(shown, came, { ...run, today: '2026-11-29' })

test('an answer that is shown agrees with one of another run, and with what is left out', () => {
  const came = { id: 'pay-0-7', at: '2026-11-29T10:00:30.000Z', legs: [{ amount: '-5', pair: 1 }, { amount: '5' }] }
  assert.deepEqual(
    compare('{"id":"pay-0-7","at":"2026-01-01T00:00:00.000Z","legs":[{"amount":"-5",…},{"amount":"5"}]}', came),
    [],
  )
  assert.deepEqual(compare('{"id":"pay-0-7", …}', came), [])
  assert.deepEqual(compare('{"id":"pay-0-7","at":…,"legs":[…,{"amount":"5"}]}', came), [])
  assert.deepEqual(compare('{"detail":"today is 2026-01-01 …"}', { detail: 'today is 2026-11-29 …' }), [])
})

const others: readonly [title: string, shown: string, came: unknown, RegExp][] = [
  [
    'another figure',
    '{"legs":[{"amount":"5"}]}',
    { legs: [{ amount: '6' }] },
    /^\/legs\/0\/amount is "6" and not "5"$/,
  ],
  ['another id', '{"id":"pay-0-7"}', { id: 'pay-0-8' }, /^\/id/],
  ['a number for a text', '{"seq":"7"}', { seq: 7 }, /^\/seq/],
  ['a member less', '{"a":1,"b":null}', { a: 1 }, /^\/b is undefined and not null$/],
  ['a member more', '{"a":1}', { a: 1, b: 2 }, /^\/b is not shown: 2$/],
  ['an item more', '{"items":[]}', { items: [1] }, /^\/items is \[1\] and not \[\]$/],
  ['other words', '{"detail":"7.00 EUR is left"}', { detail: '7.01 EUR is left' }, /^\/detail/],
  ['an old time', '{"at":"2026-01-01T00:00:00.000Z"}', { at: '2025-06-15T12:00:00.000Z' }, /^\/at/],
  ['a time to come', '{"at":"2026-01-01T00:00:00.000Z"}', { at: '2027-06-15T12:00:00.000Z' }, /^\/at/],
  ['another day', '{"on":"2026-01-01"}', { on: '2026-01-02' }, /^\/on/],
  ['no answer', '{}', undefined, /^\/ is undefined/],
]
for (const [title, shown, came, expected] of others) {
  test(`${title} than is shown is told, with its place`, () => {
    assert.match(compare(shown, came).join('\n'), expected)
  })
}

test('ids and positions move together, and amounts and times stay', () => {
  assert.equal(
    movedBy(
      3,
      '{"paymentId":"pay-0-7","position":"0:8","seq":9,"at":"2026-11-29T10:00:00Z","amount":"100","hash":"0-7"}',
    ),
    '{"paymentId":"pay-0-10","position":"0:11","seq":12,"at":"2026-11-29T10:00:00Z","amount":"100","hash":"0-7"}',
  )
  assert.equal(movedBy(1, 'at sequence 9, and the figures are of 8'), 'at sequence 10, and the figures are of 9')
})

test('a document’s commands are read with the answers below them, and one without an answer is told', () => {
  const text = [
    'Set:',
    '',
    '    A=1',
    '',
    '    curl $A \\',
    '      -d 1',
    '',
    'says',
    '',
    '    422 {"a":1}',
    '',
    '    other',
  ]
  assert.deepEqual(examplesIn(text.join('\n')), {
    setup: 'A=1',
    examples: [{ line: 5, command: 'curl $A \\\n  -d 1', status: 422, answer: '{"a":1}' }],
  })
  assert.throws(() => examplesIn('a\n\n    curl x\n\nb'), /line 3: no answer/)
})
