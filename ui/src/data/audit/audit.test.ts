import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ReplayPage } from '@micropay/schemas/api/replay'
import { InfiniteQueryObserver, QueryClient } from '@tanstack/react-query'
import type { Client } from '../../api/client.ts'
import { replayQuery } from './audit.ts'

const client: Pick<Client, 'read'> = { read: () => Promise.reject(new Error('nothing is read here')) }

for (const [next, isStale] of [
  [null, true],
  ['more', false],
] as const) {
  test(`a replay whose last page has ${next === null ? 'no next is' : 'a next is not'} asked for again`, () => {
    const cache = new QueryClient()
    const value = ReplayPage.parse({ items: [], next, broken: null })
    const freshness = { position: '0:5', ageSeconds: 0, stale: false, receivedAtMs: 0 }
    const options = replayQuery(client as Client, 'ada', 1)
    cache.setQueryData(options.queryKey, { pages: [{ value, freshness }], pageParams: [undefined] })
    const observer = new InfiniteQueryObserver(cache, options)
    assert.equal(observer.getCurrentResult().isStale, isStale)
    cache.clear()
  })
}
