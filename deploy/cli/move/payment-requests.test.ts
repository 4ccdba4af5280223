import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AccountId, paymentIdAt } from '@micropay/schemas/identifiers'
import type { Leg } from '@micropay/schemas/log/payment-legs'
import type { OldPayment } from './old-payments.ts'
import { faultIn, requestFor } from './payment-requests.ts'

const bookedAt = '2026-03-01T10:00:00.000Z'
const leg = (account: string, amount: string, pair?: number): Leg => ({
  ...{ account: AccountId.parse(account), amount, currency: 'EUR' },
  ...(pair === undefined ? {} : { pair }),
})
const pair = [leg('ada', '-5', 1), leg('ben', '5', 1)]
const split = [leg('ada', '-5'), leg('ben', '3'), leg('eve', '2')]

function asked(more: Partial<OldPayment> = {}, keepsAssertions = true) {
  const payment: OldPayment = {
    ...{ id: paymentIdAt(0, 7), bookedAt, legs: pair, effectiveAt: bookedAt, texts: {} },
    ...{ reverses: undefined, corrects: undefined },
    ...more,
  }
  const { request, losses } = requestFor(payment, { keyOf: (what) => `move:x:${what}`, keepsAssertions })
  assert.equal(faultIn(request), undefined)
  return { body: request.body, losses: [...losses], of: request.kind === 'refund' ? request.of : undefined }
}

test('a payment keeps its id and time of before, under a key that follows from the id', () => {
  const { body, losses } = asked({ texts: { reference: 'INV-7', metadata: { till: '7' } } })
  const postings = [{ from: 'ada', to: 'ben', amount: '5', currency: 'EUR' }]
  const metadata = { till: '7', previousId: 'pay-0-7', previousBookedAt: bookedAt }
  const idempotencyKey = 'move:x:pay-0-7'
  assert.deepEqual(body, { idempotencyKey, postings, effectiveAt: bookedAt, metadata, reference: 'INV-7' })
  assert.deepEqual(losses, [])
})

test('one that was moved before names the newest id first', () => {
  const { body } = asked({ texts: { metadata: { previousId: 'pay-3-1', previousBookedAt: 'then' } } })
  assert.deepEqual(body.metadata, { previousId: 'pay-0-7 pay-3-1', previousBookedAt: `${bookedAt} then` })
})

test('what has no room for its old id is told', () => {
  const full = (entries: number) => Object.fromEntries(Array.from({ length: entries }, (_, at) => [`m${at}`, 'x']))
  assert.deepEqual(asked({ texts: { metadata: full(18) } }).losses, [])
  const { body, losses } = asked({ texts: { metadata: full(19) } })
  assert.deepEqual(losses, ['previous'])
  assert.equal(body.metadata?.previousId, 'pay-0-7')
  assert.equal(Object.keys(asked({ texts: { metadata: full(20) } }).body.metadata ?? {}).length, 20)
})

test('characters that are refused today are left out, and told', () => {
  const { body, losses } = asked({ texts: { reference: 'a\u202eb\u0007c', description: '\u200b' } })
  assert.deepEqual(losses, ['text'])
  assert.ok('reference' in body && body.reference === 'ab c' && !('description' in body))
})

test('a balance that is asserted is asserted again only where the order is the same', () => {
  const legs = [leg('ada', '-5'), { ...leg('ben', '5'), stands: '5' }]
  assert.deepEqual(asked({ legs }).body.legs?.[1], { account: 'ben', amount: '5', currency: 'EUR', stands: '5' })
  const without = asked({ legs }, false)
  assert.deepEqual([without.losses, without.body.legs?.[1]], [['assertion'], leg('ben', '5')])
})

test('a refund says how much goes back so that the same legs come of it', () => {
  const back = (legs: Leg[]) => {
    const { body, of } = asked({ legs, reverses: paymentIdAt(0, 3), texts: { description: 'Broken', reference: 'r' } })
    assert.equal(of, 'pay-0-3')
    const { idempotencyKey: _, effectiveAt: __, metadata: ___, ...rest } = body
    return rest
  }
  assert.deepEqual(back(pair), { reason: 'Broken', amount: '5' })
  assert.deepEqual(back(split), { reason: 'Broken', legs: split })
  assert.deepEqual(back([...pair, leg('eve', '-1', 2), leg('ben', '1', 2)]), { reason: 'Broken' })
})

test('what the new ledger would not read is a fault', () => {
  const payment = { ...{ id: paymentIdAt(0, 7), bookedAt, legs: pair, effectiveAt: '1850-01-01T00:00:00Z' } }
  const options = { keyOf: (what: string) => what, keepsAssertions: true }
  const { request } = requestFor({ ...payment, texts: {}, reverses: undefined, corrects: undefined }, options)
  assert.match(faultIn(request) ?? '', /^\/effectiveAt must lie in the years/)
})
