import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ProjectionStatus } from '@micropay/schemas/api/projection'
import { answeringOf, hear, nothingKnown, rowsAt, silenceOf } from './known-projections.ts'
import { reflectedBy } from './services.ts'

const status = (service: string, change: Partial<ProjectionStatus> = {}): ProjectionStatus =>
  ProjectionStatus.parse({
    ...{ service, name: service, version: 1, schema: `${service}_v1_1`, state: 'live', partition: 0 },
    ...{ position: '0:9', appliedRecords: 9, ofRecords: 9, lagRecords: 0, percent: 100, etaSeconds: 0 },
    ...{ lagSeconds: 0.5, ratePerSecond: 3, stopped: null, ...change },
  })
const all = [status('accounts'), status('audit'), status('reconciliation')]
const hangs = { service: 'audit', reason: 'does not answer' }
const others = (ofRecords: number) =>
  [status('reconciliation', { ofRecords }), status('accounts', { ofRecords })] as const
const freshness = { position: null, ageSeconds: null, stale: false, receivedAtMs: 0 }

test('who answers is shown as it says', () => {
  const rows = rowsAt(hear(nothingKnown, { items: all, unreachable: [] }, 1_000), 3_000)
  assert.deepEqual(rows, { statuses: all, strangers: [] })
  assert.equal(answeringOf(rows), undefined)
})

test('who falls silent keeps its place, last known position and all, and is behind by what passes meanwhile', () => {
  const before = hear(nothingKnown, { items: all, unreachable: [] }, 1_000)
  const after = hear(before, { items: [...others(29)], unreachable: [hangs] }, 4_000)
  const rows = rowsAt(hear(after, { items: [...others(40)], unreachable: [hangs] }, 8_000), 11_000)
  assert.deepEqual(
    rows.statuses.map(({ service }) => service),
    ['accounts', 'audit', 'reconciliation'],
  )
  assert.deepEqual(rows.statuses[1], {
    ...status('audit'),
    ...{ position: '0:9', silent: 'does not answer', ofRecords: 40, lagRecords: 31, lagSeconds: 10.5 },
    ...{ ratePerSecond: 0, percent: 22.5, etaSeconds: null },
  })
  assert.equal(answeringOf(rows), '2 of 3 projections answer')
  assert.deepEqual([silenceOf(rows, 'audit'), silenceOf(rows, 'accounts')], ['does not answer', undefined])
  assert.equal(reflectedBy(rows, freshness).ageSeconds, 10.5)
})

test('who was never heard is a row with its name, older by the second', () => {
  const first = hear(nothingKnown, { items: [...others(9)], unreachable: [hangs] }, 1_000)
  const rows = rowsAt(hear(first, { items: [...others(9)], unreachable: [hangs] }, 5_000), 8_000)
  assert.deepEqual(rows.strangers, [{ service: 'audit', silent: 'does not answer', seconds: 7 }])
  assert.equal(answeringOf(rows), '2 of 3 projections answer')
  assert.equal(silenceOf(rows, 'audit'), 'does not answer')
  assert.equal(reflectedBy(rows, freshness).ageSeconds, 7)
})

test('who answers again is as it says, and who is named no more is gone', () => {
  const silent = hear(
    hear(nothingKnown, { items: all, unreachable: [] }, 1_000),
    { items: [...others(9)], unreachable: [hangs] },
    4_000,
  )
  assert.deepEqual(rowsAt(hear(silent, { items: all, unreachable: [] }, 9_000), 9_000), {
    statuses: all,
    strangers: [],
  })
  const without = rowsAt(hear(silent, { items: [...others(9)], unreachable: [] }, 9_000), 9_000)
  assert.equal(without.statuses.length, 2)
})

test('who is silent in part is both a row that speaks and one that does not', () => {
  const rows = rowsAt(hear(nothingKnown, { items: all, unreachable: [hangs] }, 1_000), 1_000)
  assert.deepEqual(rows.statuses, all)
  assert.equal(answeringOf(rows), '3 of 4 projections answer')
})

test('when the gateway itself says nothing, everybody is silent', () => {
  const known = hear(nothingKnown, { items: all, unreachable: [] }, 1_000)
  const rows = rowsAt(known, 11_000, 'is not heard of')
  assert.deepEqual(
    rows.statuses.map(({ silent, lagSeconds }) => [silent, lagSeconds]),
    Array.from({ length: 3 }, () => ['is not heard of', 10.5]),
  )
  assert.equal(answeringOf(rows), '0 of 3 projections answer')
})
