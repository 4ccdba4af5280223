import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { Session } from '@micropay/schemas/api/token'
import { isKeptFor, pageScopes } from './page-scopes.ts'

const sessionWith = (...scopes: string[]) =>
  Session.parse({
    ...{ subject: 'customer:ada', name: 'Ada', scopes, csrfToken: 'x', expiresAt: '2026-01-01T00:00:00.000Z' },
  })

test('every page but the start says which scopes it needs', async () => {
  const source = await readFile(new URL('../app/router.tsx', import.meta.url), 'utf8')
  const patterns = [...source.matchAll(/\bpath: '([^']+)'/g)].flatMap(([, path]) => path ?? [])
  assert.deepEqual(Object.keys(pageScopes).sort(), patterns.filter((path) => path !== '/').sort())
})

test('a page of finance is kept from customers, whose scopes the server would refuse, and open to finance', () => {
  const customer = sessionWith('accounts:read', 'payments:make')
  assert.equal(isKeptFor(customer, '/trial-balance'), 'finance, who close the books')
  assert.equal(isKeptFor(customer, '/audit/records/$position'), 'auditors, who prove the history')
  assert.equal(isKeptFor(customer, '/accounts/$accountId'), undefined)
  assert.equal(isKeptFor(sessionWith('reconciliation:read'), '/trial-balance'), undefined)
})

test('what no route is called is kept from nobody', () => {
  assert.equal(isKeptFor(sessionWith(), '/'), undefined)
  assert.equal(isKeptFor(sessionWith(), 'toString'), undefined)
})
