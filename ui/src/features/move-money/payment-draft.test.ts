import assert from 'node:assert/strict'
import { test } from 'node:test'
import { confirmedOf, keepUnsettled, unsettledOf } from '../../services/unsettled-payment.ts'
import { type PaymentDraft, readDraft } from './payment-draft.ts'

const draft = { from: 'ada:main', to: ' bob:main ', amount: '10.50', reference: ' Rent ', description: '' }

function read(given: PaymentDraft, currency: string | undefined) {
  return readDraft(given, currency, undefined, 'en-US')
}

test('a complete draft becomes a request in minor units, without empty fields', () => {
  assert.deepEqual(read(draft, 'EUR'), {
    kind: 'ready',
    request: { postings: [{ from: 'ada:main', to: 'bob:main', amount: '1050', currency: 'EUR' }], reference: 'Rent' },
  })
})

test('every missing part is said at its own field', () => {
  const found = read({ ...draft, from: '', to: '', amount: '' }, 'EUR')
  assert.deepEqual(found.kind === 'incomplete' && Object.keys(found.errors).sort(), ['amount', 'from', 'to'])
})

test('an account cannot pay itself', () => {
  const found = read({ ...draft, to: 'ada:main' }, 'EUR')
  assert.match((found.kind === 'incomplete' && found.errors.to) || '', /cannot pay itself/)
})

test('without a known currency nothing is ready', () => {
  assert.equal(read(draft, undefined).kind, 'incomplete')
})

test('an unsettled payment is offered again to the one who made it, and to nobody else', () => {
  const kept = new Map<string, string>()
  const shelf = {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => void kept.set(name, value),
    removeItem: (name: string) => void kept.delete(name),
  }
  const found = read(draft, 'EUR')
  assert.equal(found.kind, 'ready')
  if (found.kind !== 'ready') return
  const legs = [
    { account: 'ada:main', amount: '-5', currency: 'EUR', stands: '0' },
    { account: 'ben:main', amount: '5', currency: 'EUR' },
  ]
  for (const request of [found.request, { legs, reference: 'split' }]) {
    const intent = { key: 'key-1', request }
    keepUnsettled(shelf, 'customer:ada', intent)
    assert.deepEqual(unsettledOf(shelf, 'customer:ada'), intent)
    assert.equal(unsettledOf(shelf, 'customer:bob'), undefined)
    assert.equal(confirmedOf(shelf, 'customer:ada'), undefined, 'nobody has gone to confirm it')
    keepUnsettled(shelf, 'customer:ada', intent, true)
    assert.deepEqual(confirmedOf(shelf, 'customer:ada'), intent)
    assert.equal(confirmedOf(shelf, 'customer:bob'), undefined)
    keepUnsettled(shelf, 'customer:ada', undefined)
    assert.equal(unsettledOf(shelf, 'customer:ada'), undefined)
  }
})
