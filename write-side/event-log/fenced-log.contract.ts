import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { type Appender, type EventLog, LogError, type NewRecord } from './event-log.ts'
import type { Folded } from './fold.ts'
import type { FoldState } from './fold-state.ts'
import type { FreshLog } from './fresh-log.fixture.ts'
import { claim, claimIdOf, commit, commits, genesis } from './ledger-records.fixture.ts'
import { appendTo, foldAll, foldToEnd, readRecords } from './log-reading.fixture.ts'

/** What the fenced protocol makes of the appends that go wrong, on a real log. */
export function describeFencedLog(fresh: FreshLog): void {
  describeDoubt(fresh)
  test('of two claimants at once exactly one wins, and all readers agree on which', async (context) => {
    const { first, second, third } = await ledger(context, fresh)
    await Promise.all([appendTo(first, 0, [claim(1, 'ada')]), appendTo(second, 0, [claim(1, 'ben')])])
    const states = await Promise.all([first, second, third].map(async (log) => (await foldToEnd(log, 0)).state))
    assert.deepEqual(states[0], states[1])
    assert.deepEqual(states[0], states[2])
    assert.ok([claimIdOf(1, 'ada'), claimIdOf(1, 'ben')].includes(states[0]?.claimId ?? ''))
    assert.equal(states[0]?.voids, 1)
  })

  test('what a zombie appends after it was deposed is void, and the chain of its successor goes on', async (context) => {
    const { first, second, third } = await ledger(context, fresh)
    const zombie = await claimed(first, 'ada')
    const owner = await claimed(second, 'ben')
    await appendTo(first, 0, commits(zombie, ['too late', 'later still']))
    await appendTo(second, 0, commits(owner, ['good']))
    const { folded } = await foldToEnd(third, 0)
    assert.deepEqual(kinds(folded).slice(-3), ['stale_epoch', 'stale_epoch', 'counted'])
    assert.deepEqual(counted(folded), ['good'])
  })

  test('a commit that does not follow the chain is void and an alarm', async (context) => {
    const { first, third } = await ledger(context, fresh)
    const belief = await claimed(first, 'ada')
    const [good, ...rest] = commits(belief, ['one', 'lost', 'after the gap'])
    await appendTo(
      first,
      0,
      [good, ...rest.slice(1)].filter((record) => record !== undefined),
    )
    await appendTo(first, 0, [commit({ ...belief, seq: 1 }, 'other past')])
    const { folded } = await foldToEnd(third, 0)
    assert.deepEqual(kinds(folded).slice(-3), ['counted', 'chain_broken', 'chain_broken'])
  })

  test('a reader that follows live and one that begins later fold to the same state', async (context) => {
    const { first, second, third } = await ledger(context, fresh)
    const following = readRecords(third, 0, 0n, 6)
    const zombie = await claimed(first, 'ada')
    await appendTo(first, 0, commits(zombie, ['one']))
    const owner = await claimed(second, 'ben')
    await appendTo(first, 0, commits(zombie, ['void']))
    await appendTo(second, 0, commits(owner, ['two']))
    const late = await foldToEnd(second, 0)
    assert.deepEqual(foldAll(await following).state, late.state)
    assert.deepEqual(counted(late.folded), ['one', 'two'])
  })
}

/** Batches that are late, torn, or whose answer is lost. */
function describeDoubt(fresh: FreshLog): void {
  test('a batch whose answer is lost counts exactly once after it is sent again', async (context) => {
    const { first, third } = await ledger(context, fresh)
    const batch = commits(await claimed(first, 'ada'), ['one', 'two'])
    await assert.rejects((await losing(first, 0)).append(batch), isUnknown)
    await appendTo(first, 0, batch)
    const { folded } = await foldToEnd(third, 0)
    assert.deepEqual(kinds(folded).slice(-4), ['counted', 'counted', 'duplicate', 'duplicate'])
    assert.deepEqual(counted(folded), ['one', 'two'])
  })

  test('a batch that arrives behind the next claim is void for ever, and one before it counts', async (context) => {
    const { first, second, third } = await ledger(context, fresh)
    const held = await holding(first, 0)
    const belief = await claimed(first, 'ada')
    await appendTo(first, 0, commits(belief, ['in time']))
    const { state } = await foldToEnd(first, 0)
    await assert.rejects(held.append(commits(state, ['held back'])), isUnknown)
    const owner = await claimed(second, 'ben')
    await held.deliver()
    await appendTo(second, 0, commits(owner, ['next']))
    const { folded } = await foldToEnd(third, 0)
    assert.deepEqual(kinds(folded).slice(-3), ['claimed', 'stale_epoch', 'counted'])
    assert.deepEqual(counted(folded), ['in time', 'next'])
  })

  test('a torn batch counts once as far as it came, and its rest when it is sent again', async (context) => {
    const { first, third } = await ledger(context, fresh)
    const batch = commits(await claimed(first, 'ada'), ['one', 'two', 'three'])
    await assert.rejects((await tearing(first, 0, 1)).append(batch), isUnknown)
    assert.deepEqual(counted((await foldToEnd(third, 0)).folded), ['one'])
    await appendTo(first, 0, batch)
    const { folded } = await foldToEnd(third, 0)
    assert.deepEqual(kinds(folded).slice(-4), ['counted', 'duplicate', 'counted', 'counted'])
    assert.deepEqual(counted(folded), ['one', 'two', 'three'])
  })
}

/** A log with its genesis record, and three handles on it, as of three processes. */
async function ledger(context: TestContext, fresh: FreshLog) {
  const open = await fresh()
  const [first, second, third] = [open(), open(), open()]
  context.after(() => Promise.all([first.close(), second.close(), third.close()]))
  await first.prepare(1)
  await appendTo(first, 0, [genesis()])
  return { first, second, third }
}

/** Claims the partition as an owner does: reads to the end, appends the next epoch, and folds up to its own claim. */
async function claimed(log: EventLog, ownerId: string): Promise<FoldState> {
  const before = await foldToEnd(log, 0)
  const epoch = before.state.epoch + 1
  const offset = await appendTo(log, 0, [claim(epoch, ownerId)])
  const { state } = foldAll(await readRecords(log, 0, 0n, Number(offset) + 1))
  assert.equal(state.claimId, claimIdOf(epoch, ownerId))
  return state
}

/** Appends, and then does not learn that it did. */
async function losing(log: EventLog, partition: number): Promise<Appender> {
  const appender = await log.openAppender(partition)
  return {
    ...appender,
    append: async (records) => {
      await appender.append(records)
      await appender.close()
      throw new LogError('append_unknown', 'the answer is lost')
    },
  }
}

/** Appends no more than the first records of a batch. */
async function tearing(log: EventLog, partition: number, count: number): Promise<Appender> {
  const appender = await losing(log, partition)
  return { ...appender, append: (records) => appender.append(records.slice(0, count)) }
}

/** Keeps a batch on its way until deliver() is called. */
async function holding(log: EventLog, partition: number): Promise<Appender & { deliver(): Promise<void> }> {
  const appender = await log.openAppender(partition)
  const held: NewRecord[] = []
  return {
    ...appender,
    append: async (records) => {
      held.push(...records)
      throw new LogError('append_unknown', 'no answer in time')
    },
    deliver: async () => {
      await appender.append(held)
      await appender.close()
    },
  }
}

function isUnknown(error: unknown): boolean {
  return error instanceof LogError && error.code === 'append_unknown'
}

function kinds(folded: readonly Folded[]): string[] {
  return folded.map((result) => (result.kind === 'void' ? result.reason : result.kind))
}

/** The references of the commits that count. */
function counted(folded: readonly Folded[]): string[] {
  return folded.flatMap((result) => (result.kind === 'counted' ? [result.commit.idempotencyKey ?? ''] : []))
}
