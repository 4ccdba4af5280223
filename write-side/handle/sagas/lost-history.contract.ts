import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { idOn } from '@micropay/event-log/across.fixture'
import { appendResume } from '@micropay/event-log/append-resume'
import type { EventLog, LogRecord } from '@micropay/event-log/event-log'
import { foldToEnd } from '@micropay/event-log/log-reading.fixture'
import { systemClock } from '@micropay/runtime/clock'
import type { EventType } from '@micropay/schemas/log/event'
import { ledgerId, paying } from '../owner.fixture.ts'
import { summary } from '../partition-owner.contract.ts'
import { type FreshLedger, startLedger } from './sagas.contract.ts'

const partitions = 4
const [ada, ben, cid] = [idOn(3, partitions, 'ada'), idOn(1, partitions, 'ben'), idOn(2, partitions, 'cid')]
const waiting = { wait: { ms: 20_000 } }

/** What owners do by themselves once one of them has lost the end of its log and a person has accepted that. */
export function describeLostHistory(name: string, fresh: FreshLedger): void {
  describe(`lost history of one of several partitions on ${name}`, () => {
    test('who posted what is gone is asked again, and posts it by force', async () => {
      const restored = await restoredTo(fresh, await booked(fresh), 1, 'LegsPosted')
      await settledAs(restored, { [ada]: '40', [ben]: '60', [cid]: '0' })
      assert.match(summary(await restored.submit(paying('next', ada, ben, '5', waiting))), /^accepted/)
      assert.equal(await countOf(restored.log, 3, 'PaymentReopened'), 1)
      await restored.quiet()
      await restored.stop()
    })

    test('who began what is gone, and others have posted, has it written off there', async () => {
      const restored = await restoredTo(fresh, await booked(fresh), 3, 'PaymentInitiated')
      await settledAs(restored, { [ada]: '100', [ben]: '60', [cid]: '0' })
      assert.equal(await countOf(restored.log, 1, 'LegsWrittenOff'), 1)
      assert.match(summary(await restored.submit(paying('next', ada, ben, '5', waiting))), /^accepted/)
      await restored.quiet()
      await restored.stop()
    })

    test('who has lost what it decided learns of it', async () => {
      const restored = await restoredTo(fresh, await booked(fresh), 3, 'PaymentCompleted')
      await settledAs(restored, { [ada]: '40', [ben]: '60', [cid]: '0' })
      const again = await restored.submit(paying('p1', ada, ben, '60', waiting))
      assert.match(summary(again), /^accepted/)
      assert.equal('replayed' in again && again.replayed, true)
      await restored.stop()
    })
  })
}

type Ledger = Awaited<ReturnType<typeof startLedger>>

/** The log of a ledger with one payment between partitions. */
async function booked(fresh: FreshLedger): Promise<EventLog> {
  const open = await fresh(partitions)
  const ledger = await startLedger(async () => open)
  await ledger.open()
  assert.match(summary(await ledger.submit(paying('p1', ada, ben, '60', waiting))), /^accepted/)
  await ledger.quiet()
  await ledger.stop()
  const { log, inbox } = open()
  await inbox.close()
  return log
}

/** All that a log holds, but for one partition's records from its last event of a type on; a person accepts that. */
async function restoredTo(fresh: FreshLedger, old: EventLog, lost: number, type: EventType): Promise<Ledger> {
  const open = await fresh(partitions)
  const { log, inbox } = open()
  for (let partition = 0; partition < partitions; partition += 1) {
    const records = await recordsOf(old, partition)
    const text = ({ value }: LogRecord) => Buffer.from(value).toString()
    const end = partition === lost ? records.findLastIndex((each) => text(each).includes(`"${type}"`)) : records.length
    assert(end > 0, `${type} stands in the log`)
    const appender = await log.openAppender(partition)
    await appender.append(records.slice(0, end)).finally(() => appender.close())
  }
  await old.close()
  await appendResume(log, lost, {
    ...{ ledgerId, actor: 'sam', reason: 'a disk was lost', aboveSeq: 999, aboveEpoch: 0 },
    ...{ clock: systemClock, signal: new AbortController().signal },
  })
  await Promise.all([log.close(), inbox.close()])
  return startLedger(async () => open)
}

async function recordsOf(log: EventLog, partition: number): Promise<LogRecord[]> {
  const until = await log.end(partition)
  const records: LogRecord[] = []
  for await (const some of log.read(partition, 0n, { signal: new AbortController().signal, until }))
    records.push(...some)
  return records
}

/** All have said what they know, and nothing is under way. */
async function settledAs(ledger: Ledger, balances: Record<string, string>): Promise<void> {
  for (let turn = 0; turn < 200; turn += 1) {
    const counts = await Promise.all([0, 1, 2, 3].map((each) => countOf(ledger.log, each, 'HistoryAnswered')))
    if (counts.some((count) => count === partitions - 1)) break
    assert(turn < 199, `not all have answered: ${counts}`)
    await systemClock.sleep(50)
  }
  await ledger.quiet()
  assert.deepEqual(await ledger.balances(), balances)
}

async function countOf(log: EventLog, partition: number, type: EventType): Promise<number> {
  const { folded } = await foldToEnd(log, partition)
  const commits = folded.flatMap((each) => (each.kind === 'counted' ? [each.commit] : []))
  return commits.filter(({ events }) => events.some((event) => event.type === type)).length
}
