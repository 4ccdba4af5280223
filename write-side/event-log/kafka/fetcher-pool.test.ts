import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Fetcher } from './fetcher.ts'
import { createFetcherPool } from './fetcher-pool.ts'

function openPool() {
  const closed: number[] = []
  let count = 0
  let gate = Promise.resolve()
  const pool = createFetcherPool(async () => {
    const id = count
    count += 1
    await gate
    const fetch: Fetcher['fetch'] = async () => ({ records: [], end: 0n })
    return { end: async () => 0n, fetch, close: async () => void closed.push(id) }
  })
  return { pool, closed, opened: () => count, hold: (until: Promise<void>) => (gate = until) }
}

test('a connection that was given back serves the next reader, and no more than four wait', async () => {
  const { pool, closed, opened } = openPool()
  const taken = await Promise.all(Array.from({ length: 6 }, () => pool.take()))
  for (const fetcher of taken) await pool.giveBack(fetcher)
  assert.deepEqual(closed, [4, 5])
  assert.ok(taken.includes(await pool.take()))
  assert.equal(opened(), 6)
})

test('one that failed is closed with all that wait', async () => {
  const { pool, closed, opened } = openPool()
  const [failed, other, busy] = [await pool.take(), await pool.take(), await pool.take()]
  await pool.giveBack(other)
  await pool.drop(failed)
  assert.deepEqual(closed.sort(), [0, 1])
  await pool.giveBack(busy)
  assert.equal(await pool.take(), busy)
  assert.equal(opened(), 3)
})

test('a closed pool leaves nothing open: neither what waits, nor what a reader has, nor what was still connecting', async () => {
  const { pool, closed, hold } = openPool()
  const [waiting, busy] = [await pool.take(), await pool.take()]
  await pool.giveBack(waiting)
  const connected = Promise.withResolvers<void>()
  hold(connected.promise)
  await pool.take()
  const connecting = pool.take()
  await pool.close()
  connected.resolve()
  await assert.rejects(connecting, { code: 'log_unavailable' })
  await pool.giveBack(busy)
  await assert.rejects(pool.take(), { code: 'log_unavailable' })
  assert.deepEqual([...new Set(closed)].sort(), [0, 1, 2])
})
