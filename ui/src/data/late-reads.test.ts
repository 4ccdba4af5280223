import assert from 'node:assert/strict'
import { test } from 'node:test'
import { QueryClient, QueryObserver } from '@tanstack/react-query'
import { isLate, LATE_MS, waitingAt } from './late-reads.ts'

test('a read that is shown is late once it has waited for so long, and no more when it comes', async (context) => {
  const client = new QueryClient()
  let answer = (_: string) => {}
  const queryFn = () =>
    new Promise<string>((resolve) => {
      answer = resolve
    })
  const observer = new QueryObserver(client, { queryKey: ['accounts'], queryFn })
  const shown = observer.subscribe(() => undefined)
  context.after(() => {
    shown()
    client.clear()
  })
  const cache = client.getQueryCache()
  const first = waitingAt(new Map(), cache, 1_000)
  const then = waitingAt(first, cache, 999 + LATE_MS)
  assert.deepEqual([isLate(then, 999 + LATE_MS), isLate(then, 1_000 + LATE_MS)], [false, true])

  answer('here')
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(isLate(waitingAt(then, cache, 1_000 + LATE_MS), 1_000 + LATE_MS), false)
  observer.refetch()
  assert.equal(waitingAt(then, cache, 0).size, 0, 'what is shown already is not waited for')
})

test('what nobody looks at is not late', () => {
  const client = new QueryClient()
  client.prefetchQuery({ queryKey: ['prefetched'], queryFn: () => new Promise(() => undefined) })
  assert.equal(waitingAt(new Map(), client.getQueryCache(), 0).size, 0)
})
