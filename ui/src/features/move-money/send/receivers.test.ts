import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Entry } from '@micropay/schemas/api/account'
import { AccountId } from '@micropay/schemas/identifiers'
import { receiverOf, receiversFrom } from './receivers.ts'

const savedAt = '2026-03-01T09:00:00.000Z'
const payees = [{ alias: 'Ben', accountId: AccountId.parse('ben:main'), savedAt }]

const choices = [
  { accountId: 'ben:main', name: 'Ben', byName: true },
  { accountId: 'bakery:till', name: 'Corner Bakery', byName: true },
  { accountId: 'kim:1', name: 'Kim', byName: true },
  { accountId: 'kim:2', name: 'kim', byName: true },
  { accountId: 'kim', name: 'Somebody else', byName: true },
  { accountId: 'lee:1', name: 'Lee Payer', byName: false },
]
const receiver = (typed: string) => {
  const found = receiverOf(typed, choices, payees)
  return found.kind === 'account' ? found.accountId : found.why
}

test('a saved payee and somebody paid before are paid by their whole name in any case, and anybody by id', () => {
  assert.equal(receiver(' BEN '), 'ben:main')
  assert.equal(receiver('corner bakery '), 'bakery:till')
  assert.equal(receiver('be'), 'be')
  assert.equal(receiver('eve:main'), 'eve:main')
  assert.equal(receiver('bakery:till'), 'bakery:till')
})

test('an account id that is known goes before a name', () => {
  assert.equal(receiver('kim'), 'kim')
})

test('a name that nobody has, or more than one, is told and pays nobody', () => {
  assert.match(receiver('Corner Baker'), /neither saved nor paid anybody called Corner Baker: type the id/)
  assert.match(receiverOf('KIM', choices.slice(2, 4), payees).kind, /unclear/)
  assert.match(receiver('Lee Payer'), /neither saved nor paid/)
})

test('saved payees are offered first, once, and by their saved name', () => {
  assert.deepEqual(receiversFrom([], [], undefined, payees), [
    { accountId: 'ben:main', name: 'Ben', note: 'Saved', byName: true },
  ])
})

test('a payment of several accounts offers nobody', () => {
  const entry = Entry.parse({
    ...{ position: '0:3', index: 0, paymentId: 'pay-0-3', kind: 'payment', counterparty: null, counterpartyName: null },
    ...{ amount: '-5', currency: 'EUR', balanceAfter: '0', effectiveAt: savedAt, decidedAt: savedAt },
    ...{ reference: null, description: null, reverses: null },
  })
  assert.deepEqual(receiversFrom([entry], [], undefined), [])
})
