import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { LedgerEvent, PaymentPostedV1 } from './event.ts'
import { lowered, upcast } from './event-versions.ts'
import { EVENT_GENERATION } from './generations.ts'
import type { Leg } from './payment-legs.ts'
import { legsOf, postingsOf } from './payment-versions.ts'

const accounts = fc.constantFrom('ada', 'ben', '{eve}:main')
const currencies = fc.constantFrom('EUR', 'JPY')
const postings = fc.array(
  fc.record({ from: accounts, to: accounts, amount: fc.bigInt(1n, 10n ** 15n).map(String), currency: currencies }),
  { minLength: 1, maxLength: 5 },
)
const texts = fc.record(
  { reference: fc.string(), description: fc.string(), metadata: fc.dictionary(fc.string(), fc.string()) },
  { requiredKeys: [] },
)
const head = { paymentId: 'pay-0-7', kind: 'payment', effectiveAt: '2026-03-01T09:30:00.000Z' }

function paymentOf(data: object) {
  return LedgerEvent.parse({ type: 'PaymentPosted', version: 2, data: { ...head, ...data } })
}

test('what the first generation wrote is read as it is written again', () => {
  fc.assert(
    fc.property(postings, texts, (list, more) => {
      const data = PaymentPostedV1.parse({ ...head, postings: list, ...more })
      const lifted = LedgerEvent.parse(upcast({ type: 'PaymentPosted', version: 1, data }))
      assert.deepEqual(lowered(lifted, 1), { type: 'PaymentPosted', version: 1, data })
      assert.deepEqual(lowered(lifted, EVENT_GENERATION), lifted)
    }),
  )
})

test('legs are postings where each has its pair, in order, and nothing else', () => {
  const paired = legsOf(PaymentPostedV1.parse({ ...head, postings: twoPostings }).postings)
  assert.deepEqual(postingsOf(paired), twoPostings)
  const [one, two, three, four] = paired
  assert.ok(one && two && three && four)
  const others: readonly (readonly [string, readonly Leg[]])[] = [
    ['of three', [one, two, three]],
    ['in another order', [two, one, three, four]],
    ['crossed', [one, four, three, two]],
    ['numbered from two', [three, four]],
    ['without numbers', [one, two].map(({ pair: _, ...leg }) => leg)],
    ['of other amounts', [one, { ...two, amount: '11' }]],
    ['of other currencies', [one, { ...two, currency: 'JPY' }]],
    [
      'of zeros',
      [
        { ...one, amount: '0' },
        { ...two, amount: '0' },
      ],
    ],
  ]
  for (const [what, legs] of others) assert.equal(postingsOf(legs), undefined, what)
})

const twoPostings = [
  { from: 'ada', to: 'ben', amount: '10', currency: 'EUR' },
  { from: 'ben', to: 'ada', amount: '3', currency: 'EUR' },
]

test('the first generation has no words for free legs, assertions, nor for whom texts are about', () => {
  const legs = [
    { account: 'ada', amount: '-10', currency: 'EUR' },
    { account: 'ben', amount: '10', currency: 'EUR' },
  ]
  assert.equal(lowered(paymentOf({ legs }), 1), undefined)
  const paired = legs.map((leg) => ({ ...leg, pair: 1 }))
  assert.notEqual(lowered(paymentOf({ legs: paired }), 1), undefined)
  assert.equal(lowered(paymentOf({ legs: paired.map((leg) => ({ ...leg, stands: '0' })) }), 1), undefined)
  const personal = { form: 'plain', data: { reference: 'r' } }
  assert.notEqual(lowered(paymentOf({ legs: paired, personal }), 1), undefined)
  assert.equal(lowered(paymentOf({ legs: paired, personal: { subject: 'customer:ada', ...personal } }), 1), undefined)
})
