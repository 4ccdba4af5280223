import assert from 'node:assert/strict'
import { test } from 'node:test'
import { labelsKept, metricsIn } from './promql.ts'

const names = (expression: string) => metricsIn(expression).map(({ metric }) => metric)

test('the metrics of an expression are found, and no function, keyword or label', () => {
  assert.deepEqual(names('max by (partition) (micropay_partition_serving) == 0'), ['micropay_partition_serving'])
  assert.deepEqual(names('sum(rate(a_total{x="b_total",y!~"c"}[5m] offset 1h)) > bool 5 or vector(0)'), ['a_total'])
  assert.deepEqual(names('a - time() < on (job) group_left () b:c{severity="page"} and on () 14.4 * d'), [
    ...['a', 'b:c', 'd'],
  ])
  assert.deepEqual(names('absent(up{job="gateway"})'), ['up'])
})

test('so are the labels by which they are chosen, and those that are kept', () => {
  assert.deepEqual(metricsIn('a{x="1", y=~"}",z!="2"}'), [{ metric: 'a', labels: ['x', 'y', 'z'] }])
  assert.deepEqual(labelsKept('max by (job, instance) (a) or sum by (pool) (b)'), ['job', 'instance', 'pool'])
})
