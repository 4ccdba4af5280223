import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Account } from '@micropay/schemas/api/account'
import { AccountId, OwnerId } from '@micropay/schemas/identifiers'
import { type AccountDetails, detailsOf, readDetails } from './account-details.ts'

const account: Account = {
  ...{ accountId: AccountId.parse('ada'), type: 'customer', currency: 'EUR', owner: OwnerId.parse('customer:ada') },
  ...{ name: 'Ada', ownerReference: null, path: 'liabilities/vip', status: 'open', frozen: null },
  ...{ receivesFromCustomers: true, overdraftLimit: '123450', balance: '0', held: '0', due: '0' },
  ...{ available: '123450', openedOn: null, belowLimitSince: null },
  ...{ openedAt: '2026-03-01T09:00:00.000Z', changedAt: '2026-03-01T09:00:00.000Z', position: '0:1' },
}
const read = (change: Partial<AccountDetails>, locale = 'en-US') =>
  readDetails({ ...detailsOf(account, locale), ...change }, account, locale)

test('a form that nobody touched asks for nothing, however amounts are written', () => {
  for (const locale of ['en-US', 'de-DE', 'fr-FR']) {
    assert.deepEqual(read({}, locale), { kind: 'incomplete', errors: { form: 'Nothing is changed yet.' } }, locale)
  }
})

test('what was changed is asked for alone, and what was emptied is taken away', () => {
  assert.deepEqual(read({ name: ' Ada Byron ' }), { kind: 'ready', details: { name: 'Ada Byron' } })
  assert.deepEqual(read({ name: ' ', reference: 'C-17' }), {
    ...{ kind: 'ready', details: { name: null, ownerReference: 'C-17' } },
  })
  assert.deepEqual(read({ place: '' }), { kind: 'ready', details: { path: null } })
  assert.deepEqual(read({ limit: '0' }), { kind: 'ready', details: { overdraftLimit: '0' } })
  assert.deepEqual(read({ overdraft: 'unlimited' }), { kind: 'ready', details: { overdraftLimit: 'unlimited' } })
})

test('all that is wrong is told at once', () => {
  const wrong = read({ place: 'A', limit: 'much' })
  assert.deepEqual(wrong.kind === 'incomplete' && Object.keys(wrong.errors), ['place', 'limit'])
})
