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

  test('readers are told of an outage once, until there is an answer', (context) => {
    const mailboxes = createMailboxes()
    const told: string[] = []
    for (const partition of [0, 1]) {
      const onTrouble = ({ message }: Error) => told.push(`${partition}: ${message}`)
      mailboxes.open(partition, { signal: context.signal, onTrouble })
    }
    mailboxes.failed(new Error('first'), 1)
    mailboxes.failed(new Error('first'))
    mailboxes.answered(0)
    mailboxes.failed(new Error('second'))
    mailboxes.answered()
    mailboxes.failed(new Error('third'), 1)
    assert.deepEqual(told, ['1: first', '0: first', '0: second', '1: third'])
  })
})
