import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { WorkerStatus } from '@micropay/schemas/api/worker'
import type { Answer } from '@micropay/sdk/ledger-client'
import { showStatus } from './status.ts'

const well: WorkerStatus = {
  ...{ worker: 'a', partition: 2, phase: 'serving', stopped: null, stateDiscarded: null, epoch: 1, seq: 9 },
  ...{ queued: 0, inDoubt: 0, commitsPerSecond: 0, appendLatencyMs: null, stateLagCommits: 0, log: 'memory' },
  ...{ lease: null, voids: { inLog: 0, sinceStart: {}, last: [] }, chainBrokenAlarms: 0 },
  ...{ underWay: { open: 0, oldestMs: 0, sent: 0, received: 0, waitsFor: [] }, parked: { kept: 0, more: 0 } },
}
const late = { partition: 1, open: 3, oldestMs: 200_000, overdue: 2, pastDeadlineMs: 60_001 }

/** What is shown where the workers say this, and all else is well. */
async function shown(workers: readonly WorkerStatus[], unsettled: readonly object[] = [], ready: object = {}) {
  const bodies: Record<string, unknown> = {
    '/health/ready': { status: 'ready', ...ready },
    '/v1/workers': { items: workers },
    '/v1/projections': { items: [], unreachable: [] },
    '/v1/accounts?unsettled=true&limit=100': { items: unsettled, next: null },
  }
  const send = async ({ path }: { path: string }): Promise<Answer> => ({
    ...{ status: path.startsWith('/v1/audit') ? 404 : 200, headers: {}, body: bodies[path], mayHaveCounted: false },
  })
  const lines: string[] = []
  const isWell = await showStatus({ send, close: async () => {} }, 'http://x', (line) => void lines.push(line))
  return { isWell, lines }
}

test('a ledger of which nothing is parked and nothing waits is ready', async () => {
  const { parked: _, underWay: __, ...ofBefore } = well
  for (const workers of [[well], [ofBefore], [{ ...well, parked: null }]]) {
    assert.deepEqual(await shown(workers), { isWell: true, lines: ['http://x: ready'] })
  }
})

test('what the gateway lacks although it is ready is said, and is not well', async () => {
  assert.deepEqual(await shown([well], [], { trouble: 'the shared memory is away since noon: it is gone' }), {
    isWell: false,
    lines: ['http://x: it answers, but the shared memory is away since noon: it is gone'],
  })
})

test('what is parked is told once, however many workers say it', async () => {
  const parked = { kept: 2, more: 1 }
  assert.deepEqual(
    await shown([
      { ...well, parked },
      { ...well, worker: 'b', parked },
    ]),
    {
      isWell: false,
      lines: [
        'http://x: it answers, but messages between partitions are PARKED',
        '  partition 2: 2 messages PARKED: micropay parked says why',
      ],
    },
  )
})

test('payments that are open for more than a minute past their deadline are told with whom they wait for', async () => {
  const waiting = (pastDeadlineMs: number) =>
    shown([2, 3].map((partition) => ({ ...well, partition, underWay: underWay(pastDeadlineMs) })))
  const underWay = (pastDeadlineMs: number) => ({ ...open, waitsFor: [{ ...late, pastDeadlineMs }] })
  const open = { open: 3, oldestMs: 200_000, sent: 0, received: 0 }
  assert.deepEqual(await waiting(60_001), {
    isWell: false,
    lines: [
      'http://x: it answers, but payments across partitions DO NOT END',
      '  partition 1: 6 payments of partitions 2-3 WAIT FOR IT, 60 seconds past the first deadline',
    ],
  })
  assert.deepEqual(await waiting(60_000), { isWell: true, lines: ['http://x: ready'] })
})

test('what lost history has left for staff is told until it is settled', async () => {
  const account = {
    ...{ type: 'internal', currency: 'EUR', owner: 'house:suspense', name: null, ownerReference: null, path: null },
    ...{ status: 'open', frozen: null, receivesFromCustomers: false, available: null, openedOn: null, due: '0' },
    ...{ openedAt: '2026-03-01T09:00:00.000Z', changedAt: '2026-03-01T09:00:00.000Z', position: '1:9' },
  }
  const suspense = { accountId: 'suspense/1/EUR', balance: '-1250', held: '0', overdraftLimit: 'unlimited' }
  const below = { accountId: 'ada', balance: '-1500', held: '20', overdraftLimit: '1000' }
  const unsettled = [
    { ...account, ...suspense, belowLimitSince: null },
    { ...account, ...below, belowLimitSince: '2026-03-01T09:00:00.000Z' },
  ]
  assert.deepEqual((await shown([well], unsettled)).lines, [
    'http://x: ready',
    '  suspense/1/EUR: -12.50 EUR TO SETTLE, in suspense',
    '  ada: 5.20 EUR BELOW ITS LIMIT since 2026-03-01T09:00:00.000Z, by a payment posted again',
  ])
})
