import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LogError } from './event-log.ts'
import { type FreshLog, handle, numbered, plain } from './fresh-log.fixture.ts'
import { appendTo, readRecords } from './log-reading.fixture.ts'

/** What several handles on one log, one after the other or at once, make of it: each is as a process of its own. */
export function describeHandles(fresh: FreshLog): void {
  test('a log that is opened again holds all that was appended', async (context) => {
    const open = await fresh()
    const before = open()
    await before.prepare(2)
    await appendTo(before, 1, numbered('kept', 3))
    await before.close()
    const after = handle(context, open)
    await after.prepare(2)
    assert.equal(await after.end(1), 3n)
    assert.deepEqual((await readRecords(after, 1, 0n, 3)).map(plain), numbered('kept', 3).map(plain))
  })

  test('a log of another number of partitions does not fit', async (context) => {
    const open = await fresh()
    await handle(context, open).prepare(2)
    await assert.rejects(
      handle(context, open).prepare(3),
      (error) => error instanceof LogError && error.code === 'log_mismatch' && /2 partitions/.test(error.message),
    )
  })

  test('the number of partitions comes from the log, and who asks for it creates nothing', async (context) => {
    const open = await fresh()
    const asking = handle(context, open)
    assert.equal(await asking.partitions(), undefined)
    assert.equal(await asking.partitions(), undefined)
    await handle(context, open).prepare(3)
    assert.equal(await asking.partitions(), 3)
    assert.equal(await handle(context, open).partitions(), 3)
  })

  test('closing a log ends its readers', async () => {
    const open = await fresh()
    const log = open()
    await log.prepare(1)
    await appendTo(log, 0, numbered('record', 1))
    const batches = log.read(0, 0n, { signal: new AbortController().signal })[Symbol.asyncIterator]()
    await batches.next()
    const waiting = batches.next()
    await log.close()
    assert.equal((await waiting).done, true)
  })
}
