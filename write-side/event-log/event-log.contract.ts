import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, test } from 'node:test'
import { type Appender, digestOf, LogError, type LogRecord, type NewRecord } from './event-log.ts'
import { describeFencedLog } from './fenced-log.contract.ts'
import { type FreshLog, handle, numbered, opened, plain, prepared } from './fresh-log.fixture.ts'
import { describeHandles } from './handles.contract.ts'
import { appendTo, readRecords } from './log-reading.fixture.ts'

/**
 * The cases that every adapter of the event log passes against the real thing. `many` records are read back, which take
 * a store within this process longest.
 */
export function describeEventLog(name: string, fresh: FreshLog, many = 100_000): void {
  describe(`the event log on ${name}`, { timeout: 120_000 }, () => {
    describeAppends(fresh)
    describeTraces(fresh)
    describeAnswers(fresh)
    describeReads(fresh)
    describeBoundedReads(fresh)
    describeManyRecords(fresh, many)
    describeHandles(fresh)
  })
  describe(`the fenced protocol on ${name}`, { timeout: 120_000 }, () => describeFencedLog(fresh))
}

function describeAnswers(fresh: FreshLog): void {
  test('an append answers the time of the clock of its store, which does not go back', async (context) => {
    const log = await prepared(context, fresh)
    const appender = await opened(context, log, 0)
    const times: number[] = []
    for (let index = 0; index < 20; index += 1) {
      const { storeMs } = await appender.append(numbered(`${index}`, 1))
      assert.ok(storeMs !== undefined && Number.isInteger(storeMs))
      times.push(storeMs)
    }
    assert.deepEqual(times, times.toSorted())
    // The stores of the tests run on this machine, and have its clock.
    for (const storeMs of times) assert.ok(Math.abs(storeMs - Date.now()) < A_MINUTE_MS)
  })

  test('an append answers which record stands in front of it, where its store says so', async (context) => {
    const log = await prepared(context, fresh)
    const [one, other] = [await opened(context, log, 0), await opened(context, log, 0)]
    assert.equal((await one.append(numbered('a', 1))).behind, undefined)
    const last = numbered('b', 2).at(-1)
    await other.append(numbered('b', 2))
    const { behind } = await one.append(numbered('c', 1))
    if (behind !== undefined) assert.equal(behind, digestOf(last?.value ?? new Uint8Array()))
    // Kafka is asked only after a pause.
    assert.ok(behind !== undefined || log.technology === 'kafka')
  })
}

function describeTraces(fresh: FreshLog): void {
  test('a trace goes beside the record, whose bytes it does not touch', async (context) => {
    const log = await prepared(context, fresh)
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
    const records = numbered('traced', 3).map((record, index) => (index === 1 ? { ...record, traceparent } : record))
    await appendTo(log, 0, records)
    const read = await readRecords(log, 0, 0n, records.length)
    assert.deepEqual(read.map(plain), records.map(plain))
    // PostgreSQL tells it to those alone who listen then.
    const kept = log.technology === 'postgres' ? undefined : traceparent
    assert.deepEqual(
      read.map((record) => record.traceparent),
      [undefined, kept, undefined],
    )
  })
}

function describeAppends(fresh: FreshLog): void {
  test('a record comes back byte for byte, with its key', async (context) => {
    const log = await prepared(context, fresh)
    const values = [
      '{"b":1,  "a":2,\n"b":3, "amount":1.50, "tiny":1e-7}',
      'żółć 🧾 \u2028 \ufeff',
      `{"large":"${'x'.repeat(200_000)}"}`,
      '',
    ].map((text) => new TextEncoder().encode(text))
    values.push(Uint8Array.from({ length: 256 }, (_, byte) => byte))
    const keys = ['plain', 'żółć "quoted", {braced}\\', '', 'NULL', 'a,b']
    const records = values.map((value, index) => ({ key: keys[index] ?? '', value }))
    await appendTo(log, 0, records)
    const read = await readRecords(log, 0, 0n, records.length)
    assert.deepEqual(read.map(plain), records.map(plain))
  })

  test('an append answers the offset of its first record, and the end lies behind its last', async (context) => {
    const log = await prepared(context, fresh)
    assert.equal(await log.end(0), 0n)
    const appender = await opened(context, log, 0)
    assert.equal((await appender.append(numbered('a', 3))).offset, 0n)
    assert.equal(await log.end(0), 3n)
    assert.equal((await appender.append(numbered('b', 1))).offset, 3n)
    assert.equal((await appender.append(numbered('c', 2))).offset, 4n)
    assert.equal(await log.end(0), 6n)
  })

  test('two appenders at once share dense offsets, and the records of one append stay next to each other', async (context) => {
    const open = await fresh()
    const [first, second] = [handle(context, open), handle(context, open)]
    await first.prepare(1)
    const bases = await Promise.all([
      appendMany(await opened(context, first, 0), 'first', 40, 7),
      appendMany(await opened(context, second, 0), 'second', 40, 7),
    ])
    const read = await readRecords(first, 0, 0n, 2 * 40 * 7)
    assert.deepEqual(
      read.map((record) => record.offset),
      read.map((_, index) => BigInt(index)),
    )
    for (const { base, records } of bases.flat()) {
      const there = read.slice(Number(base), Number(base) + records.length)
      assert.deepEqual(there.map(plain), records.map(plain))
    }
  })

  test('partitions do not know of each other', async (context) => {
    const log = await prepared(context, fresh, 3)
    await appendTo(log, 2, numbered('two', 5))
    await appendTo(log, 0, numbered('zero', 2))
    assert.deepEqual(await Promise.all([log.end(0), log.end(1), log.end(2)]), [2n, 0n, 5n])
    assert.deepEqual((await readRecords(log, 2, 0n, 5)).map(plain), numbered('two', 5).map(plain))
    assert.deepEqual((await readRecords(log, 0, 0n, 2)).map(plain), numbered('zero', 2).map(plain))
  })
}

function describeReads(fresh: FreshLog): void {
  test('a reader starts anywhere, and gets every record from there on in order', async (context) => {
    const log = await prepared(context, fresh)
    await appendTo(log, 0, numbered('record', 20))
    for (const from of [0, 1, 7, 19]) {
      const read = await readRecords(log, 0, BigInt(from), 20 - from)
      assert.deepEqual(read.map(plain), numbered('record', 20).slice(from).map(plain))
      assert.equal(read[0]?.offset, BigInt(from))
    }
  })

  test('a reader at the end waits, and follows what is appended from then on', async (context) => {
    const log = await prepared(context, fresh)
    const appender = await opened(context, log, 0)
    await appender.append(numbered('old', 4))
    const stop = new AbortController()
    const batches = log.read(0, 4n, { signal: stop.signal })[Symbol.asyncIterator]()
    for (const round of ['one', 'two', 'three']) {
      const arriving = batches.next()
      await appender.append(numbered(round, 1))
      const { value } = await arriving
      assert.deepEqual(value?.map(plain), numbered(round, 1).map(plain))
    }
    stop.abort()
    assert.equal((await batches.next()).done, true)
  })

  test('a reader beyond the end says that the log is truncated', async (context) => {
    const log = await prepared(context, fresh)
    await appendTo(log, 0, numbered('record', 2))
    await assert.rejects(
      readRecords(log, 0, 3n, 1),
      (error) => error instanceof LogError && error.code === 'log_truncated',
    )
  })

  test('an abort ends a reader without an error: while it waits, before it began, and between batches', async (context) => {
    const log = await prepared(context, fresh)
    await appendTo(log, 0, numbered('record', 3))
    const waiting = new AbortController()
    const seen: LogRecord[] = []
    for await (const batch of log.read(0, 0n, { signal: waiting.signal, maxRecords: 1 })) {
      seen.push(...batch)
      if (seen.length === 3) setImmediate(() => waiting.abort())
    }
    assert.equal(seen.length, 3)
    for await (const _ of log.read(0, 0n, { signal: AbortSignal.abort() })) assert.fail('read after its abort')
    const between = new AbortController()
    let batches = 0
    for await (const _ of log.read(0, 0n, { signal: between.signal, maxRecords: 1 })) {
      batches += 1
      between.abort()
    }
    assert.equal(batches, 1)
  })
}

/** From and until: whole logs and parts of them, nothing, and the wrong way round. */
const spans = [
  [0n, 10n],
  [0n, 4n],
  [3n, 7n],
  [9n, 10n],
  [4n, 4n],
  [10n, 10n],
  [7n, 3n],
  [12n, 11n],
] as const

/** Readers that are told where to end, or how much to take at a time. */
function describeBoundedReads(fresh: FreshLog): void {
  test('a reader that wants so much ends there by itself, and gets nothing behind', async (context) => {
    const log = await prepared(context, fresh)
    await appendTo(log, 0, numbered('record', 5))
    await appendTo(log, 0, numbered('record', 5))
    for (const [from, until] of spans) {
      const offsets: number[] = []
      for await (const batch of log.read(0, from, { signal: context.signal, maxRecords: 3, until })) {
        assert.ok(batch.length > 0 && batch.length <= 3)
        offsets.push(...batch.map(({ offset }) => Number(offset)))
      }
      const length = Math.max(0, Number(until - from))
      assert.deepEqual(
        offsets,
        Array.from({ length }, (_, index) => Number(from) + index),
      )
    }
  })

  test('a reader that wants more than there is says that the log is truncated, instead of waiting for it', async (context) => {
    const log = await prepared(context, fresh)
    await appendTo(log, 0, numbered('record', 2))
    for (const from of [0n, 1n, 2n]) {
      const batches = log.read(0, from, { signal: context.signal, until: 3n })[Symbol.asyncIterator]()
      await assert.rejects(
        batches.next(),
        (error) =>
          error instanceof LogError && error.code === 'log_truncated' && /offset 2, before 3/.test(error.message),
      )
    }
  })

  test('no batch holds more records than asked for', async (context) => {
    const log = await prepared(context, fresh)
    await appendTo(log, 0, numbered('record', 25))
    const stop = new AbortController()
    const sizes: number[] = []
    for await (const batch of log.read(0, 0n, { signal: stop.signal, maxRecords: 10 })) {
      sizes.push(batch.length)
      if (sizes.reduce((sum, size) => sum + size, 0) === 25) break
    }
    assert.ok(Math.max(...sizes) <= 10, `batches of ${sizes}`)
  })
}

function describeManyRecords(fresh: FreshLog, many: number): void {
  test(`${many} records are read back byte for byte, even by a reader that falls behind`, async (context) => {
    const log = await prepared(context, fresh)
    const appender = await opened(context, log, 0)
    const written = createHash('sha256')
    for (let start = 0; start < many; start += 5_000) {
      const records = numbered(`payment-${start}-${'x'.repeat(200)}`, 5_000)
      for (const record of records) written.update(record.value)
      assert.equal((await appender.append(records)).offset, BigInt(start))
    }
    const read = createHash('sha256')
    let next = 0n
    for await (const batch of log.read(0, 0n, { signal: context.signal, maxRecords: 1_000 })) {
      for (const record of batch) {
        assert.equal(record.offset, next)
        read.update(record.value)
        next += 1n
      }
      await new Promise(setImmediate)
      if (next === BigInt(many)) break
    }
    assert.equal(read.digest('hex'), written.digest('hex'))
  })
}

const A_MINUTE_MS = 60_000

async function appendMany(appender: Pick<Appender, 'append'>, name: string, appends: number, size: number) {
  const done: { base: bigint; records: NewRecord[] }[] = []
  for (let index = 0; index < appends; index += 1) {
    const records = numbered(`${name}-${index}`, size)
    done.push({ base: (await appender.append(records)).offset, records })
  }
  return done
}
