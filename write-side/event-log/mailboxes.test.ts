import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createMailboxes, MOST_BYTES } from './mailboxes.ts'

describe('what came and was not taken yet', () => {
  test('partitions share a bounded room, and one message always fits', async (context) => {
    const mailboxes = createMailboxes()
    const readers = [0, 1].map((partition) => mailboxes.open(partition, { signal: context.signal }))
    const quarter = new Uint8Array(MOST_BYTES / 4)
    mailboxes.deliver(0, [quarter, quarter, quarter])
    mailboxes.deliver(1, [new Uint8Array(MOST_BYTES), quarter])
    const [first, second] = await Promise.all(readers.map(async (reader) => (await reader.next()).value))
    assert.deepEqual([first?.length, second?.length], [2, 1])
    mailboxes.deliver(0, [quarter])
    assert.equal((await readers[0]?.next())?.value?.length, 1, 'there is room again')
  })

  test('all who wait for one reader get an answer', async (context) => {
    const mailboxes = createMailboxes()
    const stop = new AbortController()
    const reader = mailboxes.open(0, { signal: AbortSignal.any([stop.signal, context.signal]) })
    const waiting = [reader.next(), reader.next()]
    mailboxes.deliver(0, [new Uint8Array()])
    stop.abort()
    assert.deepEqual(
      (await Promise.all(waiting)).map(({ done }) => done),
      [true, true],
    )
    assert.deepEqual(mailboxes.partitions(), [])
  })

  test('who leaves is delivered nothing, and is not told of outages', async (context) => {
    const mailboxes = createMailboxes()
    const told: Error[] = []
    const reader = mailboxes.open(0, { signal: context.signal, onTrouble: (error) => told.push(error) })
    await reader.return?.()
    mailboxes.failed(new Error('away'))
    assert.deepEqual([mailboxes.has(0), told], [false, []])
  })

  test('who begins in an outage is told of it, and once of each', (context) => {
    const mailboxes = createMailboxes()
    const told: Error[] = []
    const [first, second] = [new Error('first'), new Error('second')]
    mailboxes.failed(first)
    mailboxes.open(0, { signal: context.signal, onTrouble: (error) => told.push(error) })
    mailboxes.failed(first)
    mailboxes.answered()
    mailboxes.failed(second)
    assert.deepEqual(told, [first, second])
  })
})
