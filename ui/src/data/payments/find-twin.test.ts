import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Payment } from '@micropay/schemas/api/payment'
import { twinAmong } from './find-twin.ts'

const posting = { from: 'ada:main', to: 'ben:main', amount: '1050', currency: 'EUR' }
const sent = Payment.parse({
  ...{ paymentId: 'pay-0-7', position: '0:7', status: 'posted', rejection: null, kind: 'payment' },
  ...{ effectiveAt: '2026-03-01T09:00:00Z', decidedAt: '2026-03-01T09:00:00Z', actor: 'customer:ada' },
  ...{ reference: null, description: null, metadata: {}, reverses: null, corrects: null },
  postings: [{ ...posting, fromName: 'Main', toName: null }],
  legs: [
    { account: 'ada:main', name: 'Main', amount: '-1050', currency: 'EUR', pair: 1 },
    { account: 'ben:main', name: null, amount: '1050', currency: 'EUR', pair: 1 },
  ],
})
const at = (time: string) => Date.parse(time)

test('the same amount between the same accounts within 24 hours is a twin, and later is not', () => {
  assert.equal(twinAmong([sent], posting, at('2026-03-02T08:59:59Z')), sent)
  assert.equal(twinAmong([sent], posting, at('2026-03-02T09:00:00Z')), undefined)
})

test('another amount, currency, receiver or payer is no twin', () => {
  for (const other of [{ amount: '1051' }, { currency: 'USD' }, { to: 'ben:savings' }, { from: 'ada:savings' }]) {
    assert.equal(twinAmong([sent], { ...posting, ...other }, at('2026-03-01T10:00:00Z')), undefined)
  }
})

test('a payment of many legs is no twin of one between two accounts', () => {
  const { postings: _, ...ofLegs } = sent
  assert.equal(twinAmong([ofLegs], posting, at('2026-03-01T10:00:00Z')), undefined)
})
