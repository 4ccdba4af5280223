import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Payment } from '@micropay/schemas/api/payment'
import { amountsOf, movementOf } from './movement.ts'

const payment = (status: 'posted' | 'rejected', ...moves: (readonly [from: string, to: string, amount: string])[]) =>
  Payment.parse({
    paymentId: 'pay-0-1',
    position: '0:1',
    status,
    rejection: null,
    kind: 'payment',
    postings: moves.map(([from, to, amount]) => ({ from, fromName: null, to, toName: null, amount, currency: 'EUR' })),
    effectiveAt: '2026-01-01T00:00:00.000Z',
    decidedAt: '2026-01-01T00:00:00.000Z',
    reference: null,
    description: null,
    metadata: {},
    actor: 'customer:ada',
  })

const own = new Set(['ada:main', 'ada:savings'])
const seen = (...args: Parameters<typeof payment>) => {
  const { words, counterparty, amountMinor, moved } = movementOf(payment(...args), own)
  return [words, counterparty, amountMinor, moved]
}

test('what leaves is negative, what comes in positive', () => {
  assert.deepEqual(seen('posted', ['ada:main', 'bob:main', '100']), ['To', 'bob:main', '-100', true])
  assert.deepEqual(seen('posted', ['bob:main', 'ada:main', '100']), ['From', 'bob:main', '100', true])
})

test('what stays inside, or was refused, has no sign', () => {
  assert.deepEqual(seen('posted', ['ada:main', 'ada:savings', '100']), [
    'Between your accounts, to',
    'ada:savings',
    '100',
    false,
  ])
  assert.deepEqual(seen('rejected', ['ada:main', 'bob:main', '100']), ['To', 'bob:main', '100', false])
})

test('several postings are one movement', () => {
  assert.deepEqual(seen('posted', ['ada:main', 'bob:main', '100'], ['ada:main', 'eve:main', '20']), [
    'To',
    '2 accounts',
    '-120',
    true,
  ])
})

test('the other side is called by its name, where it has one', () => {
  const { postings, status } = payment('posted', ['ada:main', 'ben:main', '100'])
  const named = postings.map((posting) => ({ ...posting, toName: 'Ben' }))
  assert.equal(movementOf({ postings: named, status }, new Set(['ada:main'])).counterparty, 'Ben')
})

test('each currency of a payment has its own amount and sign', () => {
  const { postings, status } = payment('posted', ['ada:main', 'bob:main', '100'], ['bob:usd', 'ada:usd', '90'])
  const mixed = postings.map((posting, index) => ({ ...posting, currency: index === 0 ? 'EUR' : 'USD' }))
  assert.deepEqual(amountsOf({ postings: mixed, status }, new Set(['ada:main', 'ada:usd'])), [
    { currency: 'EUR', amountMinor: '-100', moved: true },
    { currency: 'USD', amountMinor: '90', moved: true },
  ])
})
