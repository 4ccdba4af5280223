import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PaymentsUnderWay, WorkerStatus } from '@micropay/schemas/api/worker'
import { awayIn, hasSeveral, openIn, parkedIn, waitingIn } from './waiting-partitions.ts'

const worker: WorkerStatus = {
  ...{ worker: 'a', partition: 0, phase: 'serving', stopped: null, epoch: 1, seq: 9, stateDiscarded: null },
  ...{ queued: 0, inDoubt: 0, commitsPerSecond: 0, appendLatencyMs: null, stateLagCommits: 0, log: 'postgres' },
  ...{ lease: null, voids: { inLog: 0, sinceStart: {}, last: [] }, chainBrokenAlarms: 0 },
}
const quick = { partition: 1, open: 2, oldestMs: 40, overdue: 0, pastDeadlineMs: 0 }

function waiting(partition: number, ...waitsFor: PaymentsUnderWay['waitsFor']): WorkerStatus {
  return { ...worker, partition, underWay: { open: 3, oldestMs: 70, sent: 0, received: 0, waitsFor } }
}

test('who waits for whom is told with the worst first', () => {
  const slow = { ...quick, partition: 2, oldestMs: 10_001 }
  const past = { ...quick, partition: 3, oldestMs: 61_000, pastDeadlineMs: 1 }
  const away = { ...quick, partition: 2, oldestMs: 5, overdue: 1, pastDeadlineMs: 30_001 }
  assert.deepEqual(
    waitingIn([worker, waiting(0, quick, slow), waiting(1, past, away)]).map(({ of, partition, tone }) => [
      of,
      partition,
      tone,
    ]),
    [
      [1, 2, 'bad'],
      [1, 3, 'warn'],
      [0, 2, 'warn'],
      [0, 1, 'plain'],
    ],
  )
})

test('a partition that is away is told once, with all that wait for it', () => {
  const past = (pastDeadlineMs: number) => ({ ...quick, overdue: 2, pastDeadlineMs })
  const slow = { ...quick, partition: 3, pastDeadlineMs: 29_000 }
  assert.deepEqual(awayIn([waiting(2, past(31_000)), waiting(0, past(40_000), slow)]), [
    { partition: 1, of: [0, 2], overdue: 4, pastDeadlineMs: 40_000 },
  ])
})

test('what is open is summed, and the oldest is the oldest of all', () => {
  assert.deepEqual(openIn([worker]), { open: 0, oldestMs: 0 })
  const older = { ...waiting(1), underWay: { open: 1, oldestMs: 90, sent: 0, received: 0, waitsFor: [] } }
  assert.deepEqual(openIn([waiting(0), older]), { open: 4, oldestMs: 90 })
})

test('what is parked counts once however many workers tell it, and is unknown where nobody can', () => {
  const telling = (partition: number, kept: number) => ({ ...worker, partition, parked: { kept, more: 0 } })
  assert.equal(parkedIn([telling(0, 2), telling(1, 1), { ...telling(0, 2), worker: 'b' }]), 3)
  assert.equal(parkedIn([{ ...worker, parked: null }, worker]), undefined)
})

test('two workers of one partition have nothing to tell each other', () => {
  assert.equal(hasSeveral([worker, { ...worker, worker: 'b' }]), false)
  assert.equal(hasSeveral([worker, { ...worker, partition: 1 }]), true)
})
