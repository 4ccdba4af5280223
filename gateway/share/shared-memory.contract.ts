import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { systemClock } from '@micropay/runtime/clock'
import { type SharedMemory, SharedMemoryAwayError } from './shared-memory.ts'

/** Opens a handle on the same memory each time; where a process has its own, always the same one. */
export type OpenMemory = () => SharedMemory

/** The cases that every adapter of the shared memory passes against the real thing. */
export function describeSharedMemory(name: string, open: OpenMemory): void {
  const handles = async (context: TestContext): Promise<readonly [SharedMemory, SharedMemory]> => {
    const both = [open(), open()] as const
    context.after(() => Promise.all(both.map((memory) => memory.close())))
    await Promise.all(both.map(untilReached))
    return both
  }
  describe(`the shared memory in ${name}`, { timeout: 30_000 }, () => {
    describeBudgets(handles)
    describeSets(handles)
    describeMessages(handles)
  })
}

type Handles = (context: TestContext) => Promise<readonly [SharedMemory, SharedMemory]>

/** Resolves once it can be asked. */
export function untilReached(memory: SharedMemory): Promise<void> {
  return new Promise((resolve) => memory.onReach(resolve))
}

/** Within 10 s. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const untilMs = systemClock.monotonicMs() + 10_000
  while (!(await isSo())) {
    assert.ok(systemClock.monotonicMs() < untilMs, 'it did not come to be')
    await systemClock.sleep(10)
  }
}

const slow = { perSecond: 0.01, most: 3 }
let named = 0
function freshName(): string {
  named += 1
  return `${process.pid}-${named}`
}

function describeBudgets(handles: Handles): void {
  test('a budget is spent together, and refused from there on', async (context) => {
    const [one, other] = await handles(context)
    const name = freshName()
    const taken = [await one.take(name, slow), await other.take(name, slow), await one.take(name, slow)]
    const refused = [await other.take(name, slow), await one.take(name, slow)]
    assert.deepEqual(
      [...taken, ...refused].map(({ allowed, remaining }) => [allowed, remaining]),
      [
        [true, 2],
        [true, 1],
        [true, 0],
        [false, 0],
        [false, 0],
      ],
    )
    for (const { retryAfterMs, fullAfterMs } of refused) {
      assert.ok(retryAfterMs > 90_000 && retryAfterMs <= 100_000)
      assert.ok(fullAfterMs > 290_000 && fullAfterMs <= 300_000)
    }
    assert.equal((await other.take(freshName(), slow)).allowed, true)
  })

  test('of several that are taken at once there are as many as it holds', async (context) => {
    const [one, other] = await handles(context)
    const name = freshName()
    const taken = [await one.take(name, slow, 2), await other.take(name, slow, 2), await one.take(name, slow, 2)]
    assert.deepEqual(
      taken.map(({ allowed, spent, remaining }) => [allowed, spent, remaining]),
      [
        [true, 2, 1],
        [true, 1, 0],
        [false, 0, 0],
      ],
    )
    assert.equal((await one.owe(name, 5, slow)).spent, 5)
  })

  test('what is owed is waited for, however little was left', async (context) => {
    const [one, other] = await handles(context)
    const name = freshName()
    await one.take(name, slow)
    assert.deepEqual([(await one.owe(name, 1, slow)).remaining, (await one.owe(name, 29, slow)).remaining], [1, 0])
    const again = await other.owe(name, 10, slow)
    assert.equal(again.allowed, false)
    const { allowed, retryAfterMs, remaining } = await other.take(name, slow)
    assert.deepEqual([allowed, remaining], [false, 0])
    assert.ok(retryAfterMs > 3_800_000 && retryAfterMs <= 3_900_000 && retryAfterMs <= again.retryAfterMs)
  })

  test('it fills again', async (context) => {
    const [one] = await handles(context)
    const name = freshName()
    const fast = { perSecond: 50, most: 1 }
    await one.take(name, fast)
    await until(async () => (await one.take(name, fast)).allowed)
  })

  test('of many at once no more are let in than it holds', async (context) => {
    const both = await handles(context)
    const name = freshName()
    const all = await Promise.all(
      Array.from({ length: 40 }, (_, index) => both[index % 2]?.take(name, { perSecond: 0.01, most: 17 })),
    )
    assert.equal(all.filter((taken) => taken?.allowed).length, 17)
  })
}

function describeSets(handles: Handles): void {
  test('a member is in its set for all, until its end', async (context) => {
    const [one, other] = await handles(context)
    const set = freshName()
    const nowMs = systemClock.nowMs()
    const endMs = nowMs + 60_000
    assert.equal(await one.add(set, new Map([['stays', endMs]])), 1)
    assert.deepEqual(await other.among(set, ['never', 'stays', 'nor this']), new Map([['stays', endMs]]))
    await one.add(
      set,
      new Map([
        ['gone', nowMs - 1],
        ['soon', nowMs + 30],
      ]),
    )
    assert.equal((await other.among(set, ['gone'])).size, 0)
    await until(async () => (await other.among(set, ['soon'])).size === 0)
    assert.deepEqual(await other.members(set), new Map([['stays', endMs]]))
    assert.equal((await other.members(freshName())).size, 0)
  })

  test('who adds first is told so, and no end comes earlier', async (context) => {
    const [one, other] = await handles(context)
    const set = freshName()
    const endMs = systemClock.nowMs() + 60_000
    const added = await Promise.all([
      one.add(set, new Map([['once', endMs]])),
      other.add(set, new Map([['once', endMs]])),
    ])
    assert.deepEqual(added.toSorted(), [0, 1])
    await one.add(set, new Map([['once', endMs - 50_000]]))
    assert.deepEqual(await other.members(set), new Map([['once', endMs]]))
    await one.add(set, new Map([['once', endMs + 50_000]]))
    assert.deepEqual(await other.members(set), new Map([['once', endMs + 50_000]]))
  })

  test('thousands are kept, and given back', async (context) => {
    const [one, other] = await handles(context)
    const set = freshName()
    const endMs = systemClock.nowMs() + 60_000
    const many = new Map(Array.from({ length: 3_500 }, (_, index) => [`member ${index}`, endMs + index] as const))
    assert.equal(await one.add(set, many), 3_500)
    const found = await other.members(set)
    assert.deepEqual([...found].toSorted(), [...many].toSorted())
  })
}

function describeMessages(handles: Handles): void {
  test('a message reaches all who listen to its channel, its sender too, and nobody else', async (context) => {
    const [one, other] = await handles(context)
    const channel = freshName()
    const heard: string[] = []
    one.subscribe(channel, (text) => heard.push(`one ${text}`))
    other.subscribe(channel, (text) => heard.push(`other ${text}`))
    other.subscribe(channel, (text) => heard.push(`again ${text}`))
    other.subscribe(freshName(), (text) => heard.push(`wrong ${text}`))
    // Whoever begins to listen hears what is said a moment later.
    await until(async () => {
      await one.publish(channel, '')
      return ['one ', 'other ', 'again '].every((text) => heard.includes(text))
    })
    heard.length = 0
    await other.publish(channel, 'żółć 🧾')
    await until(() => heard.includes('one żółć 🧾') && heard.includes('other żółć 🧾'))
    assert.deepEqual(
      heard.filter((text) => text.startsWith('wrong')),
      [],
    )
  })

  test('whoever wants to know when it can be asked is told at once where it can', async (context) => {
    const [one] = await handles(context)
    let told = 0
    one.onReach(() => {
      told += 1
    })
    assert.equal(told, 1)
    assert.equal(one.away(), undefined)
  })
}

/** That it says no within a bound, and why. */
export async function assertAway(memory: SharedMemory): Promise<void> {
  const set = freshName()
  const calls = [
    ...[memory.take(set, slow), memory.owe(set, 2, slow)],
    memory.add(set, new Map([['one', systemClock.nowMs() + 1000]])),
    ...[memory.among(set, ['one']), memory.members(set), memory.publish(set, 'text')],
  ]
  const settled = await Promise.allSettled(calls)
  for (const one of settled) {
    assert.ok(one.status === 'rejected' && one.reason instanceof SharedMemoryAwayError, JSON.stringify(one))
  }
  assert.ok(memory.away()?.reason)
}
