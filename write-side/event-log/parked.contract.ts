import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { MOST_PARKED, MOST_REASON_CHARACTERS, type NewlyParked, type ParkingLot } from './parked.ts'

/** Makes an empty parking lot, and answers how to open handles on it: each stands for a process of its own. */
export type FreshParkingLot = () => Promise<() => ParkingLot>

/** The cases that every adapter of the parking lot passes. */
export function describeParkingLot(name: string, fresh: FreshParkingLot): void {
  describe(`the parking lot in ${name}`, { timeout: 60_000 }, () => {
    describeParking(fresh)
    describeTaking(fresh)
  })
}

function describeParking(fresh: FreshParkingLot): void {
  test('the same bytes are parked once, with how often, when first and when last', async (context) => {
    const open = await fresh()
    const [one, other] = [lot(context, open), lot(context, open)]
    assert.deepEqual([await one.list(), await one.counts()], [[], []])
    const value = Uint8Array.from({ length: 256 }, (_, byte) => byte)
    await one.park({ partition: 3, value, reason: 'a mac that is wrong', at: 2_000 })
    await other.park({ partition: 3, value: Uint8Array.from(value), reason: 'still wrong', at: 3_000 })
    await one.park({ partition: 3, value, reason: 'wrong\0', at: 1_000 })
    const [only, ...rest] = await other.list(3)
    assert.ok(only && rest.length === 0)
    const { id, value: kept, ...others } = only
    assert.deepEqual(Buffer.from(kept), Buffer.from(value))
    assert.match(id, /^3-/)
    assert.deepEqual(others, { partition: 3, reason: 'wrong', count: 3, firstAt: 1_000, lastAt: 3_000 })
  })

  test('the same bytes for two partitions are two messages; all are listed, last parked first', async (context) => {
    const parked = lot(context, await fresh())
    for (const message of [text(1, 'a', 1), text(0, 'a', 3), text(1, 'b', 2)]) await parked.park(message)
    const listed = async (partition?: number) =>
      (await parked.list(partition)).map((each) => `${each.partition}${new TextDecoder().decode(each.value)}`)
    assert.deepEqual(await listed(), ['0a', '1b', '1a'])
    assert.deepEqual(await listed(1), ['1b', '1a'])
    assert.deepEqual(await listed(2), [])
    assert.deepEqual(await parked.counts(), [
      { partition: 0, kept: 1, more: 0 },
      { partition: 1, kept: 2, more: 0 },
    ])
  })

  test('a reason is cut, and a message may be empty', async (context) => {
    const parked = lot(context, await fresh())
    await parked.park({ partition: 0, value: new Uint8Array(), reason: 'x'.repeat(10_000), at: 1 })
    const [only] = await parked.list()
    assert.deepEqual([only?.value.byteLength, only?.reason.length], [0, MOST_REASON_CHARACTERS])
  })

  test(`${MOST_PARKED} of a partition are kept, and more are counted`, async (context) => {
    const parked = lot(context, await fresh())
    const many = Array.from({ length: MOST_PARKED }, (_, index) => text(1, `${index}`, index))
    for (let start = 0; start < many.length; start += 500) {
      await Promise.all(many.slice(start, start + 500).map(parked.park))
    }
    for (const message of [text(1, 'more', 5_000), text(1, '7', 9_000), text(1, 'yet more', 6_000)]) {
      await parked.park(message)
    }
    await parked.park(text(2, 'room', 1))
    assert.deepEqual(await parked.counts(), [
      { partition: 1, kept: MOST_PARKED, more: 2 },
      { partition: 2, kept: 1, more: 0 },
    ])
    const [last, ...others] = await parked.list(1)
    assert.deepEqual([last?.lastAt, last?.count, others.length], [9_000, 2, MOST_PARKED - 1])
  })
}

function describeTaking(fresh: FreshParkingLot): void {
  test('what is taken is answered once, and is gone', async (context) => {
    const open = await fresh()
    const [one, other] = [lot(context, open), lot(context, open)]
    await one.park(text(0, 'again', 1))
    const [{ id } = { id: '' }] = await other.list()
    const taken = [await one.take(id), await other.take(id)]
    assert.equal(new TextDecoder().decode(taken[0]?.value), 'again')
    assert.deepEqual([taken[1], await one.list()], [undefined, []])
    await one.park(text(0, 'again', 2))
    assert.deepEqual(
      (await one.list()).map(({ count, firstAt }) => ({ count, firstAt })),
      [{ count: 1, firstAt: 2 }],
    )
  })

  test('what is dropped is gone, and an id that is none is not there', async (context) => {
    const parked = lot(context, await fresh())
    await parked.park(text(0, 'one', 1))
    const [{ id } = { id: '' }] = await parked.list()
    assert.deepEqual([await parked.drop(id), await parked.drop(id)], [true, false])
    for (const none of ['', 'x', `0-${'0'.repeat(64)}`, `99999-${'0'.repeat(64)}`, "0-' or true"]) {
      assert.deepEqual([await parked.take(none), await parked.drop(none)], [undefined, false])
    }
  })

  test('once none of a partition is kept, what had no room is forgotten', async (context) => {
    const parked = lot(context, await fresh())
    await Promise.all(Array.from({ length: MOST_PARKED }, (_, index) => parked.park(text(0, `${index}`, index))))
    await parked.park(text(0, 'more', 1))
    for (const { id } of await parked.list()) await parked.drop(id)
    assert.deepEqual(await parked.counts(), [])
    await parked.park(text(0, 'one', 1))
    assert.deepEqual(await parked.counts(), [{ partition: 0, kept: 1, more: 0 }])
  })
}

/** A handle that is closed with its test. */
function lot(context: TestContext, open: () => ParkingLot): ParkingLot {
  const parked = open()
  context.after(() => parked.close())
  return parked
}

function text(partition: number, value: string, at: number): NewlyParked {
  return { partition, value: new TextEncoder().encode(value), reason: 'not understood', at }
}
