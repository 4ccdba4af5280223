import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readDraft } from './payment-draft.ts'
import { keepUnsettled, unsettledOf } from './unsettled-payment.ts'

const draft = { from: 'ada:main', to: ' bob:main ', amount: '10.50', reference: ' Rent ', description: '' }

test('a complete draft becomes a request in minor units, without empty fields', () => {
  assert.deepEqual(readDraft(draft, 'EUR', 'en-US'), {
    kind: 'ready',
    request: { postings: [{ from: 'ada:main', to: 'bob:main', amount: '1050', currency: 'EUR' }], reference: 'Rent' },
  })
})

test('every missing part is said at its own field', () => {
  const read = readDraft({ ...draft, from: '', to: '', amount: '' }, 'EUR', 'en-US')
  assert.deepEqual(read.kind === 'incomplete' && Object.keys(read.errors).sort(), ['amount', 'from', 'to'])
})

test('an account cannot pay itself', () => {
  const read = readDraft({ ...draft, to: 'ada:main' }, 'EUR', 'en-US')
  assert.match((read.kind === 'incomplete' && read.errors.to) || '', /cannot pay itself/)
})

test('without a known currency nothing is ready', () => {
  assert.equal(readDraft(draft, undefined, 'en-US').kind, 'incomplete')
})

test('an unsettled payment is offered again to the one who made it, and to nobody else', () => {
  const kept = new Map<string, string>()
  const shelf = {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => void kept.set(name, value),
    removeItem: (name: string) => void kept.delete(name),
  }
  const read = readDraft(draft, 'EUR', 'en-US')
  assert.equal(read.kind, 'ready')
  if (read.kind !== 'ready') return
  const intent = { key: 'key-1', request: read.request }
  keepUnsettled(shelf, 'customer:ada', intent)
  assert.deepEqual(unsettledOf(shelf, 'customer:ada'), intent)
  assert.equal(unsettledOf(shelf, 'customer:bob'), undefined)
  keepUnsettled(shelf, 'customer:ada', undefined)
  assert.equal(unsettledOf(shelf, 'customer:ada'), undefined)
})
