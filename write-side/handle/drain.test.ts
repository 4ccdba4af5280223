import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { EventLog } from '@micropay/event-log/event-log'
import { systemClock } from '@micropay/runtime/clock'
import { createHandClock } from '@micropay/runtime/hand-clock.fixture'
import { bookedLedger, pay } from './booked-ledger.fixture.ts'
import { startOwner } from './owner.fixture.ts'

const STEP_MS = 100

test('an owner drains as long as it may, though the log takes one payment after the other', async () => {
  const clock = createHandClock()
  const { log, directory } = await bookedLedger(clock)
  const openAppender: EventLog['openAppender'] = async (partition) => {
    const appender = await log.openAppender(partition)
    return {
      ...appender,
      append: async (records) => {
        await clock.sleep(500)
        return appender.append(records)
      },
    }
  }
  const owner = startOwner({ ...log, openAppender }, { directory, clock, limits: { batchCommits: 1 } })
  // What falls due meanwhile is written to the disk, too.
  const passes = async (isOver: () => boolean) => {
    for (let step = 0; step < 500 && !isOver(); step += 1) {
      clock.advance(STEP_MS)
      await systemClock.sleep(5)
    }
  }
  await passes(() => owner.notServingBecause() === undefined)
  const told = Array.from({ length: 30 }, (_, number) => pay(owner, `late ${number}`))
  let isOver = false
  const sinceMs = clock.monotonicMs()
  const stopped = owner.stop(3_000).then(() => {
    isOver = true
  })
  await passes(() => isOver)
  await stopped
  const tookMs = clock.monotonicMs() - sinceMs
  assert.ok(tookMs >= 3_000 && tookMs <= 4_000, `it took ${tookMs} ms`)
  const kinds = (await Promise.all(told)).map(({ kind }) => kind)
  assert.ok(kinds.filter((kind) => kind === 'accepted').length >= 4, kinds.join())
  assert.equal(kinds.at(-1), 'refused')
})
