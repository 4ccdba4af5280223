import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Payment } from '@micropay/schemas/api/payment'
import { CurrencyCode } from '@micropay/schemas/money'
import { amountsOf, movementOf } from './movement.ts'

const payment = (status: 'posted' | 'rejected', ...moves: (readonly [from: string, to: string, amount: string])[]) =>
  paymentOf(status, ...moves.flatMap(([from, to, amount]) => [[from, `-${amount}`] as const, [to, amount] as const]))
const paymentOf = (status: 'posted' | 'rejected', ...legs: (readonly [account: string, amount: string])[]) =>
  Payment.parse({
    paymentId: 'pay-0-1',
    position: '0:1',
    status,
    rejection: null,
    kind: 'payment',
    legs: legs.map(([account, amount]) => ({ account, name: null, amount, currency: 'EUR' })),
    effectiveAt: '2026-01-01T00:00:00.000Z',
    decidedAt: '2026-01-01T00:00:00.000Z',
    reference: null,
    description: null,
    ...{ metadata: {}, reverses: null, corrects: null },
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
  const { legs, status } = payment('posted', ['ada:main', 'ben:main', '100'])
  const named = legs.map((leg) => ({ ...leg, name: leg.account === 'ben:main' ? 'Ben' : null }))
  assert.equal(movementOf({ legs: named, status }, new Set(['ada:main'])).counterparty, 'Ben')
})

test('each currency of a payment has its own amount and sign', () => {
  const { legs, status } = payment('posted', ['ada:main', 'bob:main', '100'], ['bob:usd', 'ada:usd', '90'])
  const mixed = legs.map((leg, index) => ({ ...leg, currency: CurrencyCode.parse(index < 2 ? 'EUR' : 'USD') }))
  assert.deepEqual(amountsOf({ legs: mixed, status }, new Set(['ada:main', 'ada:usd'])), [
    { currency: 'EUR', amountMinor: '-100', moved: true },
    { currency: 'USD', amountMinor: '90', moved: true },
  ])
})

const seenOf = (...legs: (readonly [account: string, amount: string])[]) => {
  const { words, counterparty, amountMinor, moved } = movementOf(paymentOf('posted', ...legs), own)
  return [words, counterparty, amountMinor, moved]
}

test('of a payment of which one sees the own legs alone, the other side is others', () => {
  assert.deepEqual(seenOf(['ada:main', '-100']), ['To', 'others', '-100', true])
  assert.deepEqual(seenOf(['ada:main', '60'], ['ada:savings', '40']), ['From', 'others', '100', true])
  assert.deepEqual(seenOf(['ada:main', '-60'], ['ada:savings', '40']), ['To', 'ada:savings', '-20', true])
})

test('legs of zero move nothing, and stand on no side', () => {
  assert.deepEqual(seenOf(['ada:main', '0']), ['No money moved on', 'ada:main', '0', false])
  assert.deepEqual(seenOf(['ada:main', '-5'], ['ada:savings', '0']), ['To', 'others', '-5', true])
})
