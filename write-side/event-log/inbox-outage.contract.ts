import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { systemClock } from '@micropay/runtime/clock'
import type { TcpProxy } from '@micropay/runtime/tcp-proxy.fixture'
import { LogError } from './event-log.ts'
import { type FreshInbox, message, prepared, read, textsOf } from './inbox.contract.ts'

export type InboxOverNetwork = {
  /** All handles of `fresh` go through it. */
  proxy(): TcpProxy
  readonly fresh: FreshInbox
  /** Connections that the inbox says it has at most. */
  readonly most: number
}

/** What every inbox over a network does with many partitions, and when its store is away. */
export function describeInboxOutages(name: string, { proxy, fresh, most }: InboxOverNetwork): void {
  test(`on ${name} 100 partitions are sent to and read on ${most} connections`, {
    timeout: 60_000,
  }, async (context) => {
    const inbox = await prepared(context, await fresh(), 100)
    const partitions = Array.from({ length: 100 }, (_, partition) => partition)
    const readers = partitions.map((partition) => read(context, inbox, partition))
    let counted = 0
    for (let round = 0; round < 5; round += 1) {
      const sending = partitions.map((partition) => inbox.send([message(partition, `${round}`)]))
      counted = Math.max(counted, proxy().connections())
      await Promise.all(sending)
      counted = Math.max(counted, proxy().connections())
    }
    for (const reader of readers) assert.deepEqual(textsOf(await reader.take(5)).toSorted(), ['0', '1', '2', '3', '4'])
    assert.ok(counted > 1 && counted <= most, `${counted}`)
    await inbox.close()
    while (proxy().connections() > 0) await systemClock.turn()
  })

  /** The time that a test may take is the time in which it must heal. */
  describe(`the inbox on ${name}, when its store is away`, () => {
    for (const mode of ['cut', 'hold', 'answersOnly'] as const) {
      test(`what is sent meanwhile fails in its time, and all goes on: ${mode}`, {
        timeout: 40_000,
      }, async (context) => {
        const inbox = await prepared(context, await fresh(), 2)
        const troubles: Error[] = []
        const readers = [0, 1].map((partition) => read(context, inbox, partition, (error) => troubles.push(error)))
        await inbox.send([message(0, 'before'), message(1, 'before')])
        for (const reader of readers) assert.deepEqual(textsOf(await reader.take(1)), ['before'])

        context.after(() => proxy().set('pass'))
        proxy().set(mode)
        const sends = Array.from({ length: 20 }, () => inbox.send([message(0, 'lost'), message(1, 'lost')]))
        for (const send of sends) await assert.rejects(send, LogError)
        while (troubles.length < 2) await systemClock.sleep(10)
        await systemClock.sleep(500)
        assert.equal(troubles.length, 2, 'each reader is told once of one outage')
        proxy().set('pass')

        while (!(await isSent(inbox.send([message(0, 'after'), message(1, 'after')])))) await systemClock.sleep(50)
        for (const reader of readers) while (textsOf(await reader.take(1))[0] !== 'after');
      })
    }

    test('an inbox is closed all the same', { timeout: 20_000 }, async (context) => {
      const inbox = await prepared(context, await fresh(), 1)
      await inbox.send([message(0, 'before')])
      const batches = inbox.receive(0, { signal: context.signal })[Symbol.asyncIterator]()
      context.after(() => proxy().set('pass'))
      proxy().set('hold')
      const sending = isSent(inbox.send([message(0, 'lost')]))
      await inbox.close()
      assert.equal(await sending, false)
      while (!(await batches.next()).done);
    })
  })
}

async function isSent(sending: Promise<void>): Promise<boolean> {
  try {
    await sending
    return true
  } catch (error) {
    assert.ok(error instanceof LogError)
    return false
  }
}
