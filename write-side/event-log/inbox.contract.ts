import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { systemClock } from '@micropay/runtime/clock'
import { LogError } from './event-log.ts'
import type { Inbox, InboxMessage } from './inbox.ts'
import { MOST_MESSAGES } from './mailboxes.ts'

/** Makes new, empty inboxes, and answers how to open handles on them: each stands for a process of its own. */
export type FreshInbox = () => Promise<() => Inbox>

/** The cases that every adapter of the inbox passes against the real thing. */
export function describeInbox(name: string, fresh: FreshInbox): void {
  describe(`the inbox on ${name}`, { timeout: 60_000 }, () => {
    describeMessages(fresh)
    describeReaders(fresh)
    describeManyPartitions(fresh)
    describePreparation(fresh)
  })
}

function describeMessages(fresh: FreshInbox): void {
  test('a message reaches whoever reads its partition, byte for byte, and nobody else', async (context) => {
    const open = await fresh()
    const [sender, reader] = [await prepared(context, open, 3), inboxHandle(context, open)]
    const [first, second] = [read(context, reader, 1), read(context, reader, 2)]
    const values = ['{"b":1,  "a":2}', 'żółć 🧾 \u2028 \ufeff', '', 'x'.repeat(300_000)].map(bytesOf)
    values.push(Uint8Array.from({ length: 256 }, (_, byte) => byte))
    await sender.send([...values.map((value) => ({ partition: 1, value })), { partition: 0, value: bytesOf('other') }])
    await sender.send([{ partition: 2, value: bytesOf('for two') }])
    const plain = (each: readonly Uint8Array[]) => each.map((value) => Buffer.from(value).toString('base64')).toSorted()
    assert.deepEqual(plain(await first.take(values.length)), plain(values))
    assert.deepEqual(textsOf(await second.take(1)), ['for two'])
  })

  test('what many send at once arrives, all of it', async (context) => {
    const open = await fresh()
    const senders = [await prepared(context, open, 4), inboxHandle(context, open)]
    const readers = [0, 1, 2, 3].map((partition) => read(context, inboxHandle(context, open), partition))
    const isTaken = Promise.all(readers.map(async (reader) => textsOf(await reader.take(200)).toSorted()))
    await Promise.all(
      Array.from({ length: 400 }, (_, index) =>
        senders[index % 2]?.send([message(index % 4, `${index}`), message((index + 1) % 4, `${index}`)]),
      ),
    )
    const sent = (partition: number) =>
      Array.from({ length: 400 }, (_, index) => index)
        .filter((index) => index % 4 === partition || (index + 1) % 4 === partition)
        .map(String)
        .toSorted()
    assert.deepEqual(await isTaken, [0, 1, 2, 3].map(sent))
  })

  test('after a pause a message arrives within milliseconds', async (context) => {
    const open = await fresh()
    const [sender, reader] = [await prepared(context, open, 2), inboxHandle(context, open)]
    const arriving = read(context, reader, 1)
    await sender.send([message(1, 'first')])
    await arriving.take(1)
    const tookMs: number[] = []
    for (let round = 0; round < 15; round += 1) {
      await systemClock.sleep(round % 5 === 0 ? 600 : 20)
      const startedMs = systemClock.monotonicMs()
      await sender.send([message(1, `${round}`)])
      assert.deepEqual(textsOf(await arriving.take(1)), [`${round}`])
      tookMs.push(systemClock.monotonicMs() - startedMs)
    }
    // A machine that stalls makes some late; an inbox that polls, most.
    const soonest = tookMs.toSorted((one, other) => one - other)
    context.diagnostic(`${soonest.map((ms) => ms.toFixed(1)).join(' ')} ms`)
    assert.ok((soonest[4] ?? 0) < 50, `${soonest.map(Math.round)}`)
  })

  test('nothing is sent at once', async (context) => {
    await (await prepared(context, await fresh(), 1)).send([])
  })
}

function describeReaders(fresh: FreshInbox): void {
  test('all who read a partition get what comes for it', async (context) => {
    const open = await fresh()
    const inbox = await prepared(context, open, 1)
    const readers = [inbox, inbox, inboxHandle(context, open)].map((each) => read(context, each, 0))
    await untilAllHear(inbox, 0, readers)
    await inbox.send([message(0, 'for all')])
    for (const reader of readers) assert.deepEqual(textsOf(await reader.take(1)), ['for all'])
  })

  test('what is said for the first time goes to readers of its process alone, where there are any', async (context) => {
    const open = await fresh()
    const [inbox, elsewhere] = [await prepared(context, open, 2), inboxHandle(context, open)]
    const [near, far, other] = [read(context, inbox, 0), read(context, elsewhere, 0), read(context, elsewhere, 1)]
    await untilAllHear(inbox, 0, [near, far])
    await untilAllHear(inbox, 1, [other])
    await inbox.send([0, 1].map((partition) => ({ ...message(partition, 'first'), isFirst: true })))
    assert.deepEqual(textsOf(await near.take(1)), ['first'])
    assert.deepEqual(textsOf(await other.take(1)), ['first'])
    await inbox.send([message(0, 'again')])
    for (const reader of [near, far]) assert.deepEqual(textsOf(await reader.take(1)), ['again'])
  })

  test('an abort ends a reader without an error, before it began, while it waits, between batches', async (context) => {
    const inbox = await prepared(context, await fresh(), 1)
    for await (const _ of inbox.receive(0, { signal: AbortSignal.abort() })) assert.fail('read after its abort')
    const waiting = new AbortController()
    const batches = inbox.receive(0, { signal: waiting.signal })[Symbol.asyncIterator]()
    const next = batches.next()
    waiting.abort()
    assert.equal((await next).done, true)
    const between = new AbortController()
    const arriving = inbox.receive(0, { signal: between.signal })
    await inbox.send([message(0, 'one')])
    for await (const _ of arriving) between.abort()
  })

  test('closing an inbox ends its readers, and nothing is sent by it any more', async () => {
    const inbox = (await fresh())()
    await inbox.prepare(1)
    const batches = inbox.receive(0, { signal: new AbortController().signal })[Symbol.asyncIterator]()
    const waiting = batches.next()
    await inbox.close()
    assert.equal((await waiting).done, true)
    await assert.rejects(inbox.send([message(0, 'late')]), LogError)
    for await (const _ of inbox.receive(0, { signal: new AbortController().signal }))
      assert.fail('read after its close')
  })

  test('who does not take loses what is too much, is told once, and costs the others nothing', async (context) => {
    const inbox = await prepared(context, await fresh(), 2)
    const troubles: Error[] = []
    const slow = read(context, inbox, 0, (error) => troubles.push(error))
    const other = read(context, inbox, 1)
    const many = 2 * MOST_MESSAGES
    for (let index = 0; index < many; index += 100) {
      const some = Array.from({ length: 100 }, (_, offset) => message(0, `${index + offset}`))
      await inbox.send([...some, message(1, `${index}`)])
      assert.deepEqual(textsOf(await other.take(1)), [`${index}`])
    }
    while (troubles.length === 0) await systemClock.turn()
    assert.equal(troubles.length, 1)
    await slow.take(1)
    assert.ok(slow.taken() <= MOST_MESSAGES, `${slow.taken()}`)
    await inbox.send([message(0, 'last')])
    while (textsOf(await slow.take(1))[0] !== 'last');
  })
}

function describeManyPartitions(fresh: FreshInbox): void {
  test('128 partitions are read at once, and each gets its own', async (context) => {
    const open = await fresh()
    const [sender, reader] = [await prepared(context, open, 128), inboxHandle(context, open)]
    const partitions = Array.from({ length: 128 }, (_, partition) => partition)
    const readers = partitions.map((partition) => read(context, reader, partition))
    for (let round = 0; round < 3; round += 1) {
      await sender.send(partitions.map((partition) => message(partition, `${round}: ${partition}`)))
    }
    for (const [partition, each] of readers.entries()) {
      const texts = textsOf(await each.take(3)).toSorted()
      assert.deepEqual(
        texts,
        [0, 1, 2].map((round) => `${round}: ${partition}`),
      )
    }
  })
}

function describePreparation(fresh: FreshInbox): void {
  test('inboxes for another number of partitions do not fit', async (context) => {
    const open = await fresh()
    await prepared(context, open, 2)
    await assert.rejects(
      inboxHandle(context, open).prepare(3),
      (error) => error instanceof LogError && error.code === 'log_mismatch' && /2 partitions/.test(error.message),
    )
  })

  test('many processes prepare at once', async (context) => {
    const open = await fresh()
    const inboxes = Array.from({ length: 4 }, () => inboxHandle(context, open))
    await Promise.all(inboxes.map((inbox) => inbox.prepare(3)))
    const reader = read(context, inboxHandle(context, open), 2)
    await inboxes[0]?.send([message(2, 'there')])
    assert.deepEqual(textsOf(await reader.take(1)), ['there'])
  })
}

/** A handle that is closed with its test. */
export function inboxHandle(context: TestContext, open: () => Inbox): Inbox {
  const inbox = open()
  context.after(() => inbox.close())
  return inbox
}

export async function prepared(context: TestContext, open: () => Inbox, partitions: number): Promise<Inbox> {
  const inbox = inboxHandle(context, open)
  await inbox.prepare(partitions)
  return inbox
}

export type Reading = {
  /** Waits for so many messages. */
  take(count: number): Promise<Uint8Array[]>
  /** How many came up to now, taken or not. */
  taken(): number
}

export function read(
  context: TestContext,
  inbox: Inbox,
  partition: number,
  onTrouble: (error: Error) => void = () => {},
): Reading {
  const batches = inbox.receive(partition, { signal: context.signal, onTrouble })[Symbol.asyncIterator]()
  const waiting: Uint8Array[] = []
  let taken = 0
  return {
    async take(count) {
      while (waiting.length < count) {
        const { value, done } = await batches.next()
        if (done) assert.fail(`the inbox ended after ${waiting.length} of ${count} messages`)
        taken += value.length
        waiting.push(...value)
      }
      return waiting.splice(0, count)
    },
    taken: () => taken,
  }
}

/** Where it is not the store but its readers that come a moment late. */
async function untilAllHear(inbox: Inbox, partition: number, readers: readonly Reading[]): Promise<void> {
  await inbox.send([message(partition, 'first')])
  await Promise.all(readers.map((reader) => reader.take(1)))
}

export function message(partition: number, text: string): InboxMessage {
  return { partition, value: bytesOf(text) }
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

export function textsOf(values: readonly Uint8Array[]): string[] {
  return values.map((value) => new TextDecoder().decode(value))
}
