import assert from 'node:assert/strict'
import { test } from 'node:test'
import { logOf, readOptions } from './options.ts'

const today = '2026-03-01'

test('without a seed it is the day, and the log changes from day to day', () => {
  const options = readOptions(['--faults', '5'], today)
  assert.ok(options !== 'help')
  assert.deepEqual([options.faults, options.seed, options.log, options.from], [5, today, logOf(today), 1])
  assert.equal(options.partitions, 1)
  assert.notEqual(logOf('2026-03-01'), logOf('2026-03-02'))
})

const wrong: readonly [string[], RegExp][] = [
  [[], /--faults is missing/],
  [['--faults', '0'], /--faults is "0", and must be a whole number of 1 or more/],
  [['--faults', 'many'], /--faults is "many"/],
  [['--faults', '5', '--from', '-1'], /--from/],
  [['--faults', '5', '--log', 'memory'], /--log is memory, and must be postgres or kafka/],
  [['--faults', '5', '--partitions', '3'], /--partitions is 3, and must be 1, 2, 4 or 8/],
  [['--faults', '5', '--faster'], /--faster/],
]
for (const [argv, expected] of wrong) {
  test(`${argv.join(' ') || 'nothing'} is refused, with what is wrong`, () => {
    assert.throws(() => readOptions(argv, today), expected)
  })
}
