import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { WorkerStatus } from '@micropay/schemas/api/worker'
import { workerLines } from './show-workers.ts'

const status: WorkerStatus = {
  ...{ worker: 'worker-1', url: 'http://worker-1:8081', partition: 0, part: 'own', phase: 'serving', stopped: null },
  ...{ stateDiscarded: null, epoch: 3, seq: 1_842, queued: 2, inDoubt: 0, commitsPerSecond: 0, appendLatencyMs: null },
  underWay: { open: 1, oldestMs: 1_500, sent: 9, received: 8, waitsFor: [] },
  parked: { kept: 0, more: 0 },
  ...{ stateLagCommits: 0, log: 'postgres', lease: null, chainBrokenAlarms: 0 },
  voids: { inLog: 0, sinceStart: {}, last: [] },
}

test('who has each partition, and who follows it, is told in a line each', () => {
  const { underWay: _, parked: ___, url: __, ...earlier } = status
  const follower: WorkerStatus = { ...earlier, worker: 'w2', part: 'follow', phase: 'waiting for the lease', queued: 0 }
  assert.deepEqual(workerLines([status, follower]), [
    'PARTITION  WORKER    PHASE    EPOCH  SEQ   QUEUE  OPEN  OLDEST  INBOX  PARKED  URL',
    '0          worker-1  serving  3      1842  2      1     1.5 s   8      0       http://worker-1:8081',
    '0          w2        follows  3      1842  0      -     -       -      -       -',
  ])
})
