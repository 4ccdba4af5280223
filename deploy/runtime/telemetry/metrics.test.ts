import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { describeMetrics } from './describe-metrics.ts'
import { type MeasuredService, type Metric, measuredServices } from './metric.ts'
import { metricNames, metrics, metricsOf, unitOf } from './metrics.ts'

const page = new URL('../../../docs/metrics.md', import.meta.url)
const block = /(<!-- metrics -->\n)[\s\S]*(<!-- \/metrics -->)/
const rows = metricNames.map((name) => ({ name, ...(metrics[name] satisfies Metric) }))

test('a metric is ours, or one that the field has by the same name', () => {
  for (const { name } of rows) assert.match(name, /^(micropay|http_server|nodejs|process)_[a-z]+(_[a-z]+)*$/)
})

test('counters and no others end with _total, and what is a time or a size says its unit last', () => {
  for (const { name, kind } of rows) {
    assert.equal(name.endsWith('_total'), kind === 'counter', name)
    assert.doesNotMatch(name, /_(ms|milliseconds|minutes|kb|mb|percent|count|sum|bucket)(_|$)/)
    if (kind === 'histogram' || /_(duration|delay|age|expiry|oldest|time)_/.test(name)) {
      assert.equal(unitOf(name), 'seconds', name)
    }
  }
})

test('labels are few, known, and none that a caller chooses', () => {
  const known = [
    ...['http_request_method', 'http_route', 'http_response_status_code', 'version', 'commit', 'certificate'],
    ...['pool', 'state', 'source', 'quantile', 'upstream', 'kind', 'outcome', 'address', 'limit', 'partition'],
    ...['reason', 'projection', 'currency'],
  ]
  const used = rows.flatMap(({ labels }): readonly string[] => labels)
  assert.deepEqual([...new Set(used)].sort(), known.sort())
})

test('no name stands twice: a second row would take the place of the first one', () => {
  const text = readFileSync(new URL('metrics.ts', import.meta.url), 'utf8')
  const named = Array.from(text.matchAll(/^ {4}(\w+): (?:counter|gauge|histogram)\(/gm), ([, name]) => name)
  assert.equal(named.length, new Set(named).size)
  assert.deepEqual(named, metricNames)
})

test('every metric is of some service, and every service has what all have', () => {
  const services = Object.keys(measuredServices) as MeasuredService[]
  const held = new Set(services.flatMap((service) => metricsOf(service)))
  assert.deepEqual([...held].sort(), [...metricNames].sort())
  for (const service of services) assert.ok(metricsOf(service).includes('http_server_request_duration_seconds'))
  assert.ok(!metricsOf('accounts').includes('micropay_imbalance_minor'))
  assert.ok(metricsOf('reconciliation').includes('micropay_imbalance_minor'))
})

test('docs/metrics.md lists every metric; UPDATE_DOCS=1 writes it anew', () => {
  const text = readFileSync(page, 'utf8')
  assert.match(text, block)
  const current = text.replace(block, (_, before, after) => `${before}\n${describeMetrics()}\n${after}`)
  if (process.env.UPDATE_DOCS) writeFileSync(page, current)
  else assert.equal(text, current)
})
