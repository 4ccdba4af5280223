import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AccountId } from '@micropay/schemas/identifiers'
import { receiverOf, receiversFrom } from './receivers.ts'

const savedAt = '2026-03-01T09:00:00.000Z'
const payees = [{ alias: 'Ben', accountId: AccountId.parse('ben:main'), savedAt }]

test('a saved payee is paid by its name, whatever its case, and anything else is an account id', () => {
  assert.equal(receiverOf(' BEN ', payees), 'ben:main')
  assert.equal(receiverOf('be', payees), 'be')
  assert.equal(receiverOf('eve:main', payees), 'eve:main')
})

test('saved payees are offered first, once, and by their saved name', () => {
  assert.deepEqual(receiversFrom([], [], undefined, payees), [{ accountId: 'ben:main', name: 'Ben', note: 'Saved' }])
})
