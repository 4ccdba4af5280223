import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { capacityOf } from './capacity.ts'
import { across, cpuMicros, decided, type Figure, rebuilt, sizes, snapshot } from './figures.ts'
import { tables } from './tables.ts'

const document = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8')

test('the capacity page has the tables that follow from what was measured', () => {
  const page = document('capacity.md')
  for (const table of tables()) assert.ok(page.includes(table), `docs/capacity.md should have\n\n${table}\n`)
})

test('what it reckons with stands in the measurements, in these words', () => {
  const measured = document('performance.md')
  const figures: readonly Figure[] = [...Object.values(cpuMicros), ...Object.values(rebuilt), across, decided, snapshot]
  for (const { value, said } of figures) {
    assert.ok(measured.includes(said), said)
    const numbers = [...said.replaceAll(',', '').matchAll(/[0-9]+(\.[0-9]+)?/g)].map(([number]) => Number(number))
    assert.ok(
      numbers.some((number) => number === value || Math.round(number) === value),
      `${value} is not in: ${said}`,
    )
  }
})

test('one payment a second for ten years is reckoned by hand', () => {
  const { payments, bytes, partitions, brokers } = capacityOf(1)
  assert.equal(payments, 315_576_000)
  assert.equal(bytes.log, 315_576_000 * sizes['log in kafka'])
  assert.equal(bytes.logCopies, 3 * bytes.log)
  assert.deepEqual([partitions, brokers], [1, 3])
})

test('a peak that one partition does not take is split, and what crosses partitions counts for more', () => {
  assert.equal(capacityOf(558).partitions, 1)
  // 559 a second are 2,795 at the peak, of which half cost 1 / 0.29: 6,217 for partitions of 2,791 each.
  assert.equal(capacityOf(559).partitions, 4)
})
