import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Session } from '@micropay/schemas/api/token'
import { titleOf } from '../../components/page-declaration.ts'
import { isKeptFor } from './readers.ts'
import { rootRoute } from './root.ts'
import { type PagePath, pages } from './tree.ts'

const sessionWith = (...scopes: string[]) =>
  Session.parse({
    ...{ subject: 'customer:ada', name: 'Ada', scopes, csrfToken: 'x', expiresAt: '2026-01-01T00:00:00.000Z' },
  })

function declarationOf(path: PagePath) {
  const page = pages.find((each) => each.path === path)
  assert.ok(page, path)
  return page
}

test('every page but the start says which scopes it needs', () => {
  const open = pages.filter(({ readers }) => readers === 'everybody' || readers.scopes.length === 0)
  assert.deepEqual(
    open.map(({ path }) => path),
    ['/'],
  )
})

test('every page has an address and a title of its own, and a title names only what the address has', () => {
  for (const key of ['path', 'title'] as const) assert.equal(new Set(pages.map((page) => page[key])).size, pages.length)
  for (const { path, title } of pages) {
    const names: string[] = title.match(/\$\w+/g) ?? []
    assert.deepEqual(
      names.filter((name) => !path.split('/').includes(name)),
      [],
      title,
    )
  }
  assert.equal(titleOf(declarationOf('/payments/$paymentId/receipt'), { paymentId: 'pay-0-12' }), 'Receipt pay-0-12')
})

test('what stands in the navigation can be gone to without naming anything', () => {
  for (const { path, menu } of pages) assert.ok(menu === undefined || !path.includes('$'), path)
})

test('a page of finance is kept from customers, whose scopes the server would refuse, and open to finance', () => {
  const customer = sessionWith('accounts:read', 'payments:make')
  assert.equal(isKeptFor(customer, declarationOf('/trial-balance')), 'finance, who close the books')
  assert.equal(isKeptFor(customer, declarationOf('/audit/records/$position')), 'auditors, who prove the history')
  assert.equal(isKeptFor(customer, declarationOf('/accounts/$accountId')), undefined)
  assert.equal(isKeptFor(sessionWith('reconciliation:read'), declarationOf('/trial-balance')), undefined)
})

test('who approves or audits a reopening may see the period, and the auditor what was asked for', () => {
  for (const path of ['/periods', '/periods/$periodId'] as const) {
    for (const scope of ['approvals:decide', 'audit:read', 'reconciliation:read'])
      assert.equal(isKeptFor(sessionWith(scope), declarationOf(path)), undefined)
  }
  for (const path of ['/approvals', '/approvals/$proposalId', '/policies'] as const)
    assert.equal(isKeptFor(sessionWith('audit:read'), declarationOf(path)), undefined)
  assert.ok(isKeptFor(sessionWith('approvals:decide', 'audit:read'), declarationOf('/close-period')))
})

test('the start, and what no route is called, is kept from nobody', () => {
  assert.equal(isKeptFor(sessionWith(), declarationOf('/')), undefined)
  assert.equal(isKeptFor(sessionWith(), rootRoute.options.staticData), undefined)
})
