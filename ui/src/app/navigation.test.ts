import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Session } from '@micropay/schemas/api/token'
import { homeOf, placesFor } from './navigation.ts'

const sessionWith = (...scopes: string[]) =>
  Session.parse({
    ...{ subject: 'customer:ada', name: 'Ada', scopes, csrfToken: 'x', expiresAt: '2026-01-01T00:00:00.000Z' },
  })

test('everybody has their own places, most used first, and starts with the first of them', () => {
  const placesOf = (...scopes: string[]) => placesFor(sessionWith(...scopes)).map(({ name }) => name)
  assert.deepEqual(placesOf('accounts:read', 'payments:make'), ['Home', 'Send', 'Payments'])
  assert.deepEqual(placesOf('platform:read', 'platform:operate'), ['Projections'])
  const auditor = placesOf('audit:read', 'accounts:read:any', 'platform:read')
  assert.deepEqual(auditor, ['Audit', 'Accounts', 'Payments', 'Periods', 'Approvals', 'Projections'])
  const operator = placesOf('accounts:manage', 'payments:book', 'accounts:read:any', 'platform:read')
  assert.deepEqual(operator, ['Accounts', 'Payments', 'Deposit', 'Withdraw', 'Journal', 'Projections'])
  const ledger = placesOf('reconciliation:read', 'reconciliation:operate', 'accounts:read:any', 'platform:read')
  const books = ['Trial balance', 'Daily totals', 'Chart', 'Reconcile', 'Periods']
  assert.deepEqual(ledger, ['Accounts', 'Payments', ...books, 'Projections'])
  const approver = placesOf('accounts:manage', 'payments:book', 'approvals:decide')
  assert.deepEqual(approver, ['Deposit', 'Withdraw', 'Journal', 'Periods', 'Approvals'])
  assert.equal(homeOf(sessionWith('accounts:read', 'payments:make')), '/')
  assert.equal(homeOf(sessionWith('audit:read')), '/audit')
  assert.equal(homeOf(sessionWith()), '/')
})
