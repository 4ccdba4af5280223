import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { digestOf, type EventLog, LogError, type NewRecord } from './event-log.ts'
import { handle } from './fresh-log.fixture.ts'
import { appendTo, nextBatch, readRecords } from './log-reading.fixture.ts'

/** A log that can lose all but its first records behind the back of those who use it, as a restored backup has. */
export type LosingLog = { readonly open: () => EventLog; lose(kept: number): Promise<void> }

/** What every adapter says of a log that lost records: it never waits for what was there already. */
export function describeLostLog(name: string, fresh: () => Promise<LosingLog>): void {
  describe(`the event log on ${name}, when it loses what was in it`, { timeout: 60_000 }, () => {
    for (const kept of [3, 0]) {
      test(`a reader that waits at its end learns of it: ${kept} records are left`, async (context) => {
        const { log, losing } = await filled(context, fresh)
        const batches = log.read(0, 0n, { signal: context.signal })[Symbol.asyncIterator]()
        for (let read = 0; read < 5; ) read += (await nextBatch(batches)).length
        const waiting = assert.rejects(batches.next(), isTruncated)
        await losing.lose(kept)
        await waiting
      })
    }

    test('a reader that begins where the log ended before learns of it, one at the new end waits', async (context) => {
      const { log, losing } = await filled(context, fresh)
      await losing.lose(3)
      const another = handle(context, losing.open)
      assert.equal(await log.end(0), 3n)
      for (const reader of [log, another]) {
        for (const from of [4n, 5n]) {
          await assert.rejects(readRecords(reader, 0, from, 1), isTruncated)
        }
        const asked = reader.read(0, 5n, { signal: context.signal, until: 6n })[Symbol.asyncIterator]()
        await assert.rejects(asked.next(), isTruncated)
      }
      const batches = log.read(0, 3n, { signal: context.signal })[Symbol.asyncIterator]()
      const arriving = nextBatch(batches)
      await appendTo(another, 0, [record(9)])
      assert.deepEqual(
        (await arriving).map(({ offset, key }) => ({ offset, key })),
        [{ offset: 3n, key: '9' }],
      )
      await batches.return?.()
    })

    test('an append answers an offset below what was there, or fails', async (context) => {
      const { appender, losing } = await filled(context, fresh)
      await losing.lose(2)
      const offset = await appender.append([record(9)]).then(
        (appended) => appended.offset,
        (error: unknown) => {
          assert.ok(error instanceof LogError)
        },
      )
      assert.ok(offset === undefined || offset === 2n)
    })

    test('one behind a log that has grown again to the same length says what stands there now', async (context) => {
      const { appender, losing } = await filled(context, fresh)
      await losing.lose(2)
      await appendTo(handle(context, losing.open), 0, [5, 6, 7].map(record))
      const { offset, behind } = await appender.append([record(9)])
      assert.deepEqual({ offset, behind }, { offset: 5n, behind: digestOf(record(7).value) })
    })
  })
}

/** A log of five records, and an appender that wrote them. */
async function filled(context: TestContext, fresh: () => Promise<LosingLog>) {
  const losing = await fresh()
  const log = handle(context, losing.open)
  await log.prepare(1)
  const appender = await log.openAppender(0)
  context.after(() => appender.close())
  await appender.append([0, 1, 2, 3, 4].map(record))
  return { log, appender, losing }
}

function record(index: number): NewRecord {
  return { key: String(index), value: new TextEncoder().encode(`{"n":${index}}`) }
}

function isTruncated(error: unknown): boolean {
  return error instanceof LogError && error.code === 'log_truncated'
}
