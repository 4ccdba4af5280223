import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newestFirst, sampleIn, withGaps } from './hour-samples.ts'

const figures = {
  ...{ requestsPerSecond: 4, failuresPerSecond: 1, commitsPerSecond: null, appendLatencyMs: null },
  ...{ appliedPerSecond: 2, lagRecords: 3, lagSeconds: 0.5, lagAtLeast: false },
}
const at = (second: number) => sampleIn({ ...figures, at: new Date(second * 1000).toISOString() })

test('what is not known stays unknown', () => {
  const { requests, commits, appendP99, lagSeconds, atMs } = at(10)
  assert.deepEqual([requests, commits, appendP99, lagSeconds, atMs], [4, null, null, 0.5, 10_000])
})

test('where nobody looked for longer there is a gap, and none where one look was left out', () => {
  const told = withGaps([at(0), at(10), at(30), at(90), at(100)], 10)
  assert.deepEqual(
    told.map(({ atMs, requests }) => [atMs / 1000, requests]),
    [
      [0, 4],
      [10, 4],
      [30, 4],
      [40, null],
      [90, 4],
      [100, 4],
    ],
  )
})

test('the newest error stands first, and who logged none last', () => {
  const error = (service: string, second: number | undefined) => ({
    service,
    lastError: second === undefined ? null : { at: new Date(second * 1000).toISOString(), text: 'it failed' },
  })
  const told = newestFirst([error('gateway', undefined), error('audit', 5), error('accounts', 60)])
  assert.deepEqual(
    told.map(({ service }) => service),
    ['accounts', 'audit', 'gateway'],
  )
})
