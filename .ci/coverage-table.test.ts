import assert from 'node:assert/strict'
import { test } from 'node:test'
import { coverageTable, packageShares } from './coverage-table.ts'

const file = (path: string, coveredLineCount: number, coveredBranchCount: number) => ({
  ...{ path, totalLineCount: 3, coveredLineCount, totalBranchCount: 1000, coveredBranchCount },
})

test('a package has the share of its own files alone, and never 100 % where one line was not run', () => {
  const shares = packageShares([
    file('write-side/event-log/a.ts', 3, 1000),
    file('write-side/b.ts', 1, 999),
    file('write-side/c.ts', 2, 1000),
  ])
  assert.deepEqual(coverageTable(shares).split('\n').slice(2), [
    '| event-log | 100.0 | 100.0 |',
    '| write-side | 50.0 | 99.9 |',
    '| all | 66.6 | 99.9 |',
  ])
})

test('where nothing was counted nothing is said, and not 0 or 100', () => {
  assert.equal(coverageTable(packageShares([])).split('\n').at(-1), '| all |  |  |')
})
