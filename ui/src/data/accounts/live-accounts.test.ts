import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Account, type AccountPage } from '@micropay/schemas/api/account'
import { type InfiniteData, QueryClient } from '@tanstack/react-query'
import type { Reading } from '../../api/freshness.ts'
import { accountKey } from './get-account.ts'
import { accountListsKey } from './list-accounts.ts'
import { entriesKey } from './list-entries.ts'
import { accountOfEvent, refreshAround, showAccounts } from './live-accounts.ts'

const freshness = { position: '0:5', ageSeconds: 3, stale: false, receivedAtMs: 1000 }
const listKey = [...accountListsKey, {}, 50]

function account(accountId: string, balance: string, position: string): Account {
  return Account.parse({
    accountId,
    type: 'customer',
    currency: 'EUR',
    owner: 'customer:ada',
    name: null,
    status: 'open',
    overdraftLimit: '0',
    ...{ balance, held: '0', due: '0' },
    available: balance,
    ...{
      ownerReference: null,
      path: null,
      frozen: null,
      receivesFromCustomers: true,
      openedOn: null,
      belowLimitSince: null,
    },
    openedAt: '2026-01-01T00:00:00.000Z',
    changedAt: '2026-01-01T00:00:00.000Z',
    position,
  })
}

function cacheWith(...accounts: Account[]): QueryClient {
  const cache = new QueryClient()
  for (const each of accounts) cache.setQueryData(accountKey(each.accountId), { value: each, freshness })
  const page: Reading<AccountPage> = { value: { items: accounts, next: null }, freshness }
  cache.setQueryData(listKey, { pages: [page], pageParams: [undefined] })
  return cache
}

const one = (cache: QueryClient, id: string) => cache.getQueryData<Reading<Account>>(accountKey(id))
const list = (cache: QueryClient) => cache.getQueryData<InfiniteData<Reading<AccountPage>>>(listKey)

test('a change shows on the account and in every list, with the position it came from', () => {
  const cache = cacheWith(account('ada:main', '100', '0:5'), account('ada:savings', '7', '0:2'))
  showAccounts(cache, [account('ada:main', '40', '0:8')], 2000)
  assert.equal(one(cache, 'ada:main')?.value.balance, '40')
  assert.deepEqual(one(cache, 'ada:main')?.freshness, {
    position: '0:8',
    ageSeconds: 0,
    stale: false,
    receivedAtMs: 2000,
  })
  assert.deepEqual(
    list(cache)?.pages[0]?.value.items.map((item) => item.balance),
    ['40', '7'],
  )
  assert.equal(list(cache)?.pages[0]?.freshness.position, '0:8')
})

test('an event that is older than what is shown changes nothing', () => {
  const cache = cacheWith(account('ada:main', '100', '0:5'))
  const before = list(cache)
  showAccounts(cache, [account('ada:main', '999', '0:4'), account('ada:main', '998', '0:5')], 2000)
  assert.equal(one(cache, 'ada:main')?.value.balance, '100')
  assert.equal(list(cache), before)
})

test('positions are compared as numbers', () => {
  const cache = cacheWith(account('ada:main', '100', '0:9'))
  showAccounts(cache, [account('ada:main', '50', '0:10')], 2000)
  assert.equal(one(cache, 'ada:main')?.value.balance, '50')
})

test('an account that nobody looks at is not put into the cache', () => {
  const cache = cacheWith()
  showAccounts(cache, [account('bob:main', '1', '0:9')], 2000)
  assert.equal(one(cache, 'bob:main'), undefined)
})

test('its statement is asked again, and a list only when it lacks the account', () => {
  const cache = cacheWith(account('ada:main', '100', '0:5'))
  cache.setQueryData(entriesKey('ada:main'), 'the statement')
  cache.setQueryData(entriesKey('bob:main'), 'another statement')
  const outdated = (queryKey: readonly unknown[]) => cache.getQueryState(queryKey)?.isInvalidated
  refreshAround(cache, [account('ada:main', '40', '0:8')])
  assert.equal(outdated(entriesKey('ada:main')), true)
  assert.equal(outdated(entriesKey('bob:main')), false)
  assert.equal(outdated(listKey), false)
  refreshAround(cache, [account('ada:new', '0', '0:9')])
  assert.equal(outdated(listKey), true)
})

test('an event that is no account is left out', () => {
  assert.equal(accountOfEvent('not json'), undefined)
  assert.equal(accountOfEvent('{"accountId":"ada:main"}'), undefined)
  assert.equal(accountOfEvent(JSON.stringify(account('ada:main', '1', '0:1')))?.balance, '1')
})
