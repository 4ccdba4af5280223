import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readinessOf, type Standing } from './readiness.ts'

const serving: Standing = { phase: 'serving', notServing: undefined, trouble: undefined }
const claiming: Standing = { phase: 'claiming the partition', notServing: '1: claiming', trouble: undefined }
const stopped: Standing = { phase: 'stopped', notServing: '2: stopped: the log was changed', trouble: undefined }
const waiting: Standing = { phase: 'waiting for the lease', notServing: '3: waiting', trouble: undefined }
const folded: Standing = { ...serving, trouble: 'its state was folded anew' }

const cases: readonly (readonly [string, readonly Standing[], string | undefined, string | undefined])[] = [
  ['all are served', [serving, serving], undefined, undefined],
  ['the only one is claimed', [claiming], '1: claiming', undefined],
  ['the only one is stopped', [stopped], '2: stopped: the log was changed', undefined],
  ['it stands by for all', [waiting, waiting], '3: waiting', undefined],
  ['one is claimed, and one served', [claiming, serving], undefined, '1: claiming'],
  ['others are served elsewhere', [waiting, serving, waiting], undefined, undefined],
  ['one is served, and looked at', [serving, folded], undefined, 'its state was folded anew'],
  [
    'some are not served',
    [claiming, stopped, folded, waiting, claiming],
    undefined,
    '2: stopped: the log was changed, and 2 more of 5 partitions are not served',
  ],
]

for (const [situation, standings, notReady, trouble] of cases) {
  test(`what a worker says of itself where ${situation}`, () => {
    assert.deepEqual(readinessOf(standings), { notReady, trouble })
  })
}
