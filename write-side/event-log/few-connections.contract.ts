import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import type { EventLog, NewRecord } from './event-log.ts'
import { type FreshLog, opened, prepared } from './fresh-log.fixture.ts'
import { nextBatch, readRecords } from './log-reading.fixture.ts'

export type CountedLog = {
  readonly fresh: FreshLog
  /** That the processes of this test have now. */
  connections(): Promise<number>
  /** What the log says that it has at most. */
  readonly most: number
}

/** What every adapter that speaks over a network does for many partitions on a fixed number of connections. */
export function describeFewConnections(name: string, log: CountedLog): void {
  describe(`the event log on ${name}, with ${PARTITIONS} partitions`, { timeout: 120_000 }, () => {
    describeConnections(log)
    describeWaits(log.fresh)
  })
}

function describeConnections({ fresh, connections, most }: CountedLog): void {
  test(`followed and appended to at once, they take ${most} connections at most`, async (context) => {
    const log = await prepared(context, fresh, PARTITIONS)
    const read = partitions.map((partition) => readRecords(log, partition, 0n, 3))
    const appenders = await Promise.all(partitions.map((partition) => opened(context, log, partition)))
    let counted = 0
    for (let round = 0; round < 3; round += 1) {
      const appended = Promise.all(appenders.map((appender) => appender.append(numbered(round))))
      const replayed = Promise.all(partitions.map((partition) => replay(log, partition, BigInt(round))))
      counted = Math.max(counted, await connections())
      await Promise.all([appended, replayed])
      counted = Math.max(counted, await connections())
    }
    for (const records of await Promise.all(read)) {
      assert.deepEqual(
        records.map(({ key }) => key),
        ['0', '1', '2'],
      )
    }
    assert.ok(counted > 1 && counted <= most, `${counted} connections`)
  })

  test('a closed log leaves none', async () => {
    const log = (await fresh())()
    await log.prepare(2)
    await (await log.openAppender(1)).append(numbered(0))
    await readRecords(log, 1, 0n, 1)
    await log.close()
    while ((await connections()) > 0) await new Promise(setImmediate)
  })
}

/** Of readers for one another. */
function describeWaits(fresh: FreshLog): void {
  test('a record is read as soon as it would be alone, by one who follows and by one who joins', async (context) => {
    const log = await prepared(context, fresh, PARTITIONS)
    const [followed, ...idle] = partitions.slice(0, PARTITIONS / 2)
    const readers = await Promise.all(idle.map((partition) => follow(context, log, partition)))
    const waiting = readers.map((reader) => nextBatch(reader))
    const reader = await follow(context, log, followed ?? 0)
    const appender = await opened(context, log, followed ?? 0)
    const later: number[] = []
    for (let round = 1; round <= 20; round += 1) {
      const arriving = nextBatch(reader)
      const sentMs = performance.now()
      await appender.append(numbered(round))
      await arriving
      later.push(performance.now() - sentMs)
    }
    assert.ok(mostlyWithin(later) < SOON_MS, `${mostlyWithin(later)} ms`)
    const joined: number[] = []
    for (const partition of partitions.slice(PARTITIONS / 2)) {
      const beganMs = performance.now()
      await follow(context, log, partition)
      joined.push(performance.now() - beganMs)
    }
    assert.ok(mostlyWithin(joined) < SOON_MS, `${mostlyWithin(joined)} ms`)
    await log.close()
    await Promise.all(waiting)
  })

  test('those who wait, and one that is slow, keep nobody from what is there', async (context) => {
    const log = await prepared(context, fresh, PARTITIONS)
    const large = await opened(context, log, 0)
    for (let round = 0; round < 20; round += 1) await large.append(Array.from({ length: 200 }, () => weighty))
    const slow = log.read(0, 0n, { signal: context.signal, maxRecords: 1 })[Symbol.asyncIterator]()
    assert.equal((await nextBatch(slow)).length, 1)
    const readers = await Promise.all(partitions.slice(1).map((partition) => follow(context, log, partition)))
    const waiting = readers.map((reader) => nextBatch(reader))
    const beganMs = performance.now()
    for (let round = 0; round < 10; round += 1) {
      await Promise.all(partitions.slice(1).map((partition) => replay(log, partition, 0n)))
      await replay(log, 0, 3_999n)
    }
    assert.ok(performance.now() - beganMs < 10_000, 'replays waited for followers')
    assert.equal((await nextBatch(slow))[0]?.offset, 1n)
    await log.close()
    await Promise.all(waiting)
  })
}

const PARTITIONS = 64
const partitions = Array.from({ length: PARTITIONS }, (_, partition) => partition)

/** Much less than a reader's wait for something new; alone it takes a few. */
const SOON_MS = 150

const weighty = { key: 'weighty', value: new Uint8Array(2_000) }

/** A reader at the end of a partition, of which it has read the one record. */
async function follow(context: TestContext, log: EventLog, partition: number) {
  const appender = await log.openAppender(partition)
  await appender.append(numbered(0))
  await appender.close()
  const reader = log.read(partition, 0n, { signal: context.signal })[Symbol.asyncIterator]()
  assert.equal((await nextBatch(reader)).length, 1)
  return reader
}

/** Reads the one record at an offset, once it is there. */
async function replay(log: EventLog, partition: number, at: bigint): Promise<void> {
  while ((await log.end(partition)) <= at) await new Promise(setImmediate)
  for await (const records of log.read(partition, at, { signal: new AbortController().signal, until: at + 1n })) {
    assert.equal(records.length, 1)
  }
}

/** Three in four are no more: who waits for another's turn does so now and then, and a machine that stalls seldom. */
function mostlyWithin(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(0.75 * values.length)] ?? Number.POSITIVE_INFINITY
}

function numbered(index: number): NewRecord[] {
  return [{ key: String(index), value: new TextEncoder().encode(`{"n":${index}}`) }]
}
