import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { Commit } from './commit.ts'
import { PaymentPostedV1 } from './event.ts'
import { LEGS_GENERATION } from './generations.ts'
import { decodeRecord, encodeCommit } from './ledger-record.ts'
import { paymentFromV1 } from './payment-versions.ts'
import { isReadAsUsual, readUsualPayment } from './usual-payment.ts'

const usual = {
  epoch: 7,
  seq: 1842,
  previousHash: 'n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg',
  decidedAt: '2026-03-01T09:30:00.000Z',
  tenant: 'default',
  actor: { subject: 'customer:ada', client: 'micropay-ui' },
  command: { type: 'MakePayment' },
  idempotencyKey: 'b1946ac9-2b3c',
  requestHash: 'kQ9x0bH2mWc4sT7uYzE1fA',
  outcome: { kind: 'accepted' },
}
const postings = [{ from: 'ada:main', to: '{ben}:main', amount: '1050', currency: 'EUR' }]
const head = { paymentId: 'pay-3-1842', kind: 'payment', effectiveAt: '2026-02-28T23:59:59Z' }

describe('the usual payment is read without JSON.parse', () => {
  for (const [name, more] of Object.entries({
    'no more than it must hold': {},
    'a reference': { reference: 'invoice 17' },
    'a description in other letters': { description: 'Miete März, 家賃' },
    'an entry of metadata': { metadata: { order: '576' } },
    'all of it': { reference: 'r', description: 'd', metadata: { a: '{1}', b: '', c: '","' } },
    'empty metadata': { metadata: {} },
  })) {
    for (const generation of [1, LEGS_GENERATION]) {
      test(`with ${name}, of generation ${generation}`, () => {
        const subject = generation > 1 ? 'customer:ada' : undefined
        const commit = commitOf(paymentOf({ ...head, postings, ...more }, subject))
        const isPlain = !JSON.stringify(more).includes('\\')
        const text = textOf(commit, generation)
        assert.deepEqual(readUsualPayment(text), isPlain ? commit : undefined)
        assert.equal(isReadAsUsual(text, commit, generation), isPlain && generation >= LEGS_GENERATION)
        assert.deepEqual(decodeRecord(Buffer.from(text)), { kind: 'commit', commit })
      })
    }
  }

  test('texts that are there and empty are read as such', () => {
    const commit = commitOf({ ...paymentOf({ ...head, postings }), personal: { form: 'plain', data: {} } })
    assert.deepEqual(readUsualPayment(textOf(commit)), commit)
  })

  test('anything else is left to the long way', () => {
    const text = textOf(commitOf(paymentOf({ ...head, postings })))
    for (const [some, other] of [
      ['"pair":1', '"pair":2'],
      ['"-1050"', '"-1051"'],
      ['"-1050"', '"1050"'],
      [',"pair":1}]', '}]'],
      [',"pair":1}]', ',"pair":1,"stands":"0"}]'],
      ['59Z"', '59Z","personal":{"subject":"no owner","form":"plain","data":{}}'],
      ['59Z"', '59Z","personal":{"form":"aes-256-gcm","data":{}}'],
      ['59Z"', '59Z","reverses":{}'],
      ['"account":"ada:main"', '"account":"ada main"'],
      ['"1050"', '"0"'],
      ['"-1050"', '"-1000000000000001"'],
      ['"EUR"', '"XYZ"'],
      ['"kind":"payment"', '"kind":"gift"'],
      ['pay-3-1842', 'pay-3'],
      ['"seq":1842', '"seq":9007199254740993'],
      ['"decidedAt":"2026-03-01', '"decidedAt":"2026-02-29'],
      ['kQ9x0bH2', 'kQ9x0'],
      ['"version":2', '"version":1'],
      ['"accepted"', '"rejected"'],
      ['"tenant":"default"', '"tenant":"default","tenant":"other"'],
      ['}}]}}', '}}]}} '],
      ['59Z"', '59Z","personal":{"form":"plain","data":{"metadata":{"__proto__":"x"}}}'],
    ] as const) {
      assert.ok(text.includes(some), some)
      const changed = text.replace(some, other)
      assert.equal(readUsualPayment(changed), undefined, other)
      assert.equal(isReadAsUsual(changed, JSON.parse(changed).data, LEGS_GENERATION), false, other)
    }
  })
})

const texts = fc.oneof(fc.string({ maxLength: 12 }), fc.string({ unit: 'grapheme', maxLength: 6 }))
const accountIds = fc.stringMatching(/^[A-Za-z0-9._:-]{1,20}(\{[a-z]{1,4}\})?$/)
const payments = fc.record(
  {
    paymentId: fc.integer({ min: 1 }).map((seq) => `pay-3-${seq}`),
    kind: fc.constantFrom('payment', 'deposit', 'withdrawal', 'transfer'),
    postings: fc.array(
      fc.record({
        from: accountIds,
        to: accountIds,
        amount: fc.bigInt(1n, 10n ** 15n).map(String),
        currency: fc.constantFrom('EUR', 'JPY', 'KWD'),
      }),
      { minLength: 1, maxLength: 2 },
    ),
    effectiveAt: texts,
    reference: texts,
    description: texts,
    metadata: fc.dictionary(texts, texts, { maxKeys: 3 }),
  },
  { requiredKeys: ['paymentId', 'kind', 'postings', 'effectiveAt'] },
)
const slips = fc.record({
  at: fc.nat(),
  cut: fc.integer({ min: 0, max: 3 }),
  put: fc.constantFrom(
    '',
    '"',
    '\\',
    '\\u0041',
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    ' ',
    '0',
    '9',
    'A',
    'ä',
    '\u0001',
    '\u007f',
  ),
})

for (const generation of [1, LEGS_GENERATION]) {
  test(`whatever a record of generation ${generation} says, both ways of reading it agree`, () => {
    fc.assert(
      fc.property(payments, texts, fc.array(slips, { maxLength: 2 }), (data, tenant, changes) => {
        let text = textOf(commitOf(paymentOf(data), tenant), generation)
        for (const { at, cut, put } of changes) {
          const place = at % text.length
          text = text.slice(0, place) + put + text.slice(place + cut)
        }
        // A space behind it is the same JSON, and no layout of ours.
        assert.deepEqual(outcomeOf(text), outcomeOf(`${text} `))
      }),
      { numRuns: 5_000 },
    )
  })
}

test('a commit that is said to be read as usual is read as that very commit', () => {
  const odd = fc.option(fc.constantFrom({ kind: 'gift' }, { paymentId: 'pay-3' }, { effectiveAt: '"' }), { freq: 4 })
  const slip = fc.option(fc.constantFrom({ previousHash: '' }, { requestHash: '"' }, { decidedAt: '2026' }), {
    freq: 4,
  })
  let found = 0
  fc.assert(
    fc.property(payments, texts, odd, slip, (data, tenant, oddData, oddHead) => {
      const commit = commitOf(paymentOf(data, 'customer:ada'), tenant)
      const events = commit.events.map((event) => ({ ...event, data: { ...event.data, ...oddData } }))
      const written = { ...commit, ...oddHead, events } as Commit
      const text = textOf(written)
      if (!isReadAsUsual(text, written, LEGS_GENERATION)) return
      found += 1
      assert.deepEqual(readUsualPayment(text), written)
    }),
    { numRuns: 5_000 },
  )
  assert.ok(found > 20, `${found}`)
})

/** As today's events say what version 1 said. */
function paymentOf(data: object, subject?: string): object {
  const payment = paymentFromV1(PaymentPostedV1.parse(data))
  return payment.personal && subject ? { ...payment, personal: { subject, ...payment.personal } } : payment
}

function commitOf(data: object, tenant = usual.tenant): Commit {
  return Commit.parse({ ...usual, tenant, events: [{ type: 'PaymentPosted', version: 2, data }] })
}

function textOf(commit: Commit, generation?: number): string {
  return new TextDecoder().decode(encodeCommit({ ledgerId: 'a-ledger', partition: 3 }, 'ada:main', commit, generation))
}

function outcomeOf(text: string): unknown {
  try {
    return decodeRecord(new TextEncoder().encode(text))
  } catch (error) {
    return error instanceof Error ? error.name : error
  }
}
