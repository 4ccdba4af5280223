import assert from 'node:assert/strict'
import { test } from 'node:test'
import { QueryClient, QueryObserver } from '@tanstack/react-query'
import { freshnessOf } from '../api/freshness.ts'
import { earlierIn, earlierSince } from './kept-reads.ts'

const reading = (receivedAtMs: number, headers: Record<string, string>) => ({
  value: {},
  freshness: freshnessOf(new Headers(headers), receivedAtMs),
})
const kept = (receivedAtMs: number, behind: string) =>
  reading(receivedAtMs, { behind, stale: 'true', 'cache-status': 'micropay; hit; detail=upstream_away' })
const recent = reading(1_000, { behind: '0.5', 'cache-status': 'micropay; hit' })
const late = reading(1_000, { behind: '0.5', stale: 'true' })

test('what the gateway has kept, or is far behind, is told from what is only late, in pages, too', () => {
  assert.equal(earlierIn(reading(1_000, { behind: '10.0' })).length, 1)
  assert.equal(earlierIn(reading(1_000, { behind: '9.9' })).length, 0)
  assert.equal(earlierIn(kept(1_000, '7.5')).length, 1)
  assert.equal(earlierIn({ pages: [late, kept(1_000, '7.5')], pageParams: [] }).length, 1)
  for (const data of [
    late,
    recent,
    { pages: [late] },
    undefined,
    null,
    'text',
    { freshness: null },
    { pages: 'none' },
  ]) {
    assert.equal(earlierIn(data).length, 0, JSON.stringify(data))
  }
})

test('since when is said of the oldest that is shown', (context) => {
  const client = new QueryClient()
  context.after(() => client.clear())
  client.setQueryData(['balance'], kept(100_000, '7.5'))
  client.setQueryData(['list'], { pages: [kept(100_000, '60.0')], pageParams: [] })
  client.setQueryData(['elsewhere'], kept(100_000, '90.0'))
  const cache = client.getQueryCache()
  assert.equal(earlierSince(cache), undefined, 'nobody looks')
  for (const [key, since] of [
    ['balance', 92_500],
    ['list', 40_000],
  ] as const) {
    const shown = new QueryObserver(client, { queryKey: [key], staleTime: Number.POSITIVE_INFINITY })
    context.after(shown.subscribe(() => undefined))
    assert.deepEqual(earlierSince(cache), { sinceMs: since, isKept: true })
  }
})
