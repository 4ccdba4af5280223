import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { systemClock } from '@micropay/deploy/runtime/clock'
import { createBatchQueue } from './batch-queue.ts'

describe('the queue between a Kafka consumer and its reader', () => {
  test('there is room below the limit and none at it, until the reader takes a batch', async () => {
    const queue = createBatchQueue<number>(2, systemClock, new AbortController().signal)
    queue.push(1)
    assert.equal(await queue.waitForRoom(1), true)
    queue.push(2)
    assert.equal(await queue.waitForRoom(1), false)
    const waiting = queue.waitForRoom(60_000)
    assert.deepEqual(await queue.drain().next(), { done: false, value: 1 })
    assert.equal(await waiting, true)
  })

  test('an abort ends the reader at once and makes room for whoever pushes', async () => {
    const stop = new AbortController()
    const queue = createBatchQueue<number>(1, systemClock, stop.signal)
    const batches = queue.drain()
    const reading = batches.next()
    queue.push(1)
    queue.push(2)
    await reading
    const waiting = queue.waitForRoom(60_000)
    stop.abort()
    assert.equal(await waiting, true)
    assert.equal((await batches.next()).done, true)
  })

  test('an abort ends a reader that waits for a batch', async () => {
    const stop = new AbortController()
    const reading = createBatchQueue<number>(1, systemClock, stop.signal).drain().next()
    stop.abort()
    assert.equal((await reading).done, true)
  })

  test('a failure reaches the reader behind the batches that came before it', async () => {
    const queue = createBatchQueue<number>(2, systemClock, new AbortController().signal)
    queue.push(1)
    queue.fail(new Error('crashed'))
    const batches = queue.drain()
    assert.equal((await batches.next()).value, 1)
    await assert.rejects(batches.next(), /crashed/)
  })
})
