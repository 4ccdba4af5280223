import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createPartitions, idOn } from '@micropay/event-log/across.fixture'
import { openMemoryLog } from '@micropay/event-log/memory/event-log'
import { systemClock } from '@micropay/runtime/clock'
import { resumeLog } from './resume-log.ts'
import { madeGoodLines } from './show-made-good.ts'

const [ada, ben, cid] = [idOn(0, 3, 'ada'), idOn(1, 3, 'ben'), idOn(2, 3, 'cid')]
const { signal } = new AbortController()

/** Partition 1 has lost history: some of it others had posted, and some of it was of payments of theirs. */
async function resumed() {
  const ledger = createPartitions(3)
  for (const account of [ada, ben, cid]) ledger.open(account)
  const again = ledger.begin([
    [ada, -1250],
    [ben, 1250],
  ])
  again.complete()
  again.end()
  const learned = ledger.begin([
    [ben, -30],
    [cid, 30],
  ])
  const gone = ledger.begin(
    [
      [ben, -700],
      [cid, 700],
    ],
    { lostAt: 900 },
  )
  gone.post(2, false)
  const promised = ledger.begin(
    [
      [ben, -5],
      [cid, 5],
    ],
    { lostAt: 901 },
  )
  promised.prepare(2)
  ledger.write(1, ledger.ledgerOf(1).resume(1_000))
  again.reopen([1])
  ledger.say(0, 'HistoryAccepted', 1)
  gone.writeOff(2)
  promised.releaseLost(2)
  ledger.say(2, 'HistoryAccepted', 1)
  learned.learn()
  ledger.say(1, 'HistoryAnswered', 2)
  again.force(1, true)
  const log = openMemoryLog()
  await log.prepare(3)
  for (const [partition, records] of ledger.records.entries()) {
    await (await log.openAppender(partition)).append(records)
  }
  return { log, again, learned, gone, promised }
}

test('what a resume led to is listed by partition, each with its amount, and who is still to say so', async () => {
  const { log, again, learned, gone, promised } = await resumed()
  assert.deepEqual(await madeGoodLines(log, 1, signal), [
    'partition 1 was resumed at 1:1000',
    `  ${learned.paymentId}: 0.30 EUR completed, as others had posted them (1:1001)`,
    `  ${again.paymentId}: 12.50 EUR posted again, whatever limits and freezes say by now; ` +
      '12.50 EUR in suspense (1:1003)',
    'partition 0: accepted at 0:6, NOT taken over yet: payments with it wait until it is',
    `  ${again.paymentId}: 12.50 EUR opened again, as their answers were lost (0:5)`,
    'partition 2: accepted at 2:6, taken over at 1:1002',
    `  ${gone.paymentId}: 7.00 EUR written off: they are gone where they were decided; ` +
      '-7.00 EUR in suspense (2:4)',
    `  ${promised.paymentId}: 0.05 EUR let go of: they are gone where they were decided (2:5)`,
    '5 steps in all.',
  ])
})

test('of a partition that never resumed there is nothing to list', async () => {
  const { log } = await resumed()
  assert.deepEqual(await madeGoodLines(log, 0, signal), [])
})

test('the command lists it where nothing is wrong any more, and has nothing to resume then', async () => {
  const { log, gone } = await resumed()
  const lines: string[] = []
  const options = (yes: boolean) => ({
    ...{ partition: 1, actor: 'olga', reason: 'a disk', yes, log, ledgerId: 'test-ledger', directory: '/nowhere' },
    ...{ clock: systemClock, print: (line: string) => void lines.push(line) },
    sources: { stateDirectories: [], databases: {}, verifications: undefined },
  })
  assert.equal(await resumeLog(options(false)), true)
  assert.match(
    lines.join('\n'),
    new RegExp(`partition 1 was resumed at 1:1000\n[^]*${gone.paymentId}: 7.00 EUR written off`),
  )
  await assert.rejects(resumeLog(options(true)), /nothing is wrong with partition 1/)
  await assert.rejects(resumeLog({ ...options(false), partition: 0 }), /nothing is wrong with partition 0/)
})
