import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Metric } from '@micropay/runtime/telemetry/metric'
import { metrics } from '@micropay/runtime/telemetry/metrics'
import { boards } from './boards.ts'
import { datasource } from './build-board.ts'
import { exporters } from './exporters.ts'
import { generated } from './generated.ts'
import { readQuery } from './promql.ts'
import { boardQueries } from './queries.ts'

const folder = join(import.meta.dirname, 'dashboards')
const docs = join(import.meta.dirname, '..', '..', 'docs')
const read = (...path: string[]) => readFileSync(join(import.meta.dirname, ...path), 'utf8')

/** Labels that every series has: Prometheus gives it the place it was scraped from. */
const ofTheTarget = ['job', 'instance']

/** The labels of a series by its name as Prometheus has it, or undefined where nobody tells it. */
function labelsOf(series: string): readonly string[] | undefined {
  const ours: Readonly<Record<string, Pick<Metric, 'kind' | 'labels'>>> = metrics
  const own = ours[series]
  if (own !== undefined && own.kind !== 'histogram') return own.labels
  const [, name = '', part] = /^(.*)_(bucket|count|sum)$/.exec(series) ?? []
  const histogram = ours[name]
  if (histogram?.kind === 'histogram') return part === 'bucket' ? [...histogram.labels, 'le'] : histogram.labels
  return Object.values(exporters)
    .flatMap((those) => Object.entries(those))
    .find(([name]) => name === series)?.[1]
}

test('the dashboards are what the code makes, and there is no other one: node deploy/grafana/main.ts', () => {
  const made = generated()
  assert.deepEqual(readdirSync(folder).sort(), Object.keys(made).sort())
  for (const [name, text] of Object.entries(made)) assert.equal(read('dashboards', name), text, name)
})

test('each query is one by the grammar of Prometheus, of metrics that are told and labels that they have', () => {
  const queries = boardQueries()
  assert.ok(queries.length > 60)
  for (const { board, panel, expr } of queries) {
    const { selectors, grouped } = readQuery(expr)
    assert.ok(selectors.length > 0, `${board}: ${panel} asks for nothing`)
    const known = new Set(ofTheTarget)
    for (const { metric, labels } of selectors) {
      const its = labelsOf(metric)
      assert.ok(its, `${board}: ${panel}: nobody tells ${metric}`)
      for (const label of its) known.add(label)
      for (const label of labels) {
        assert.ok([...its, ...ofTheTarget].includes(label), `${board}: ${panel}: ${metric} has no ${label}`)
      }
    }
    for (const label of grouped) assert.ok(known.has(label), `${board}: ${panel}: nothing has the label ${label}`)
  }
})

test('a query that is none, or asks for what is not told, is found', () => {
  assert.throws(() => readQuery('sum by (partition (micropay_commands_total)'), /not PromQL/)
  assert.throws(() => readQuery('rate(micropay_commands_total[])'), /not PromQL/)
  assert.deepEqual(readQuery('sum by (a) (rate(b_total{c="d", e=~".*"}[1m])) / ignoring (f) g'), {
    selectors: [
      { metric: 'b_total', labels: ['c', 'e'], isRange: true },
      { metric: 'g', labels: [], isRange: false },
    ],
    grouped: ['a', 'f'],
  })
  assert.equal(labelsOf('micropay_no_such_metric'), undefined)
  assert.equal(labelsOf('micropay_append_duration_seconds'), undefined)
})

test('what only rises is asked as a rate, and what goes up and down is not', () => {
  for (const { panel, expr } of boardQueries()) {
    for (const { metric, isRange } of readQuery(expr).selectors) {
      if (metric in metrics) assert.equal(isRange, /_total$/.test(metric), `${panel}: ${metric}`)
    }
  }
})

/** Ours that no board shows, and why. */
const unshown: Readonly<Record<string, string>> = {
  micropay_ready: 'micropay_trouble says so, too',
}

test('each metric of ours is on a board', () => {
  const shown = new Set(boardQueries().flatMap(({ expr }) => readQuery(expr).selectors.map(({ metric }) => metric)))
  const missing = Object.keys(metrics).filter((name) => {
    return !(name in unshown) && !['', '_bucket', '_count', '_sum'].some((end) => shown.has(`${name}${end}`))
  })
  assert.deepEqual(missing, [])
})

test('each metric of an exporter that is listed is asked for', () => {
  const shown = new Set(boardQueries().flatMap(({ expr }) => readQuery(expr).selectors.map(({ metric }) => metric)))
  const listed = Object.values(exporters).flatMap((those) => Object.keys(those))
  assert.deepEqual(
    listed.filter((name) => !shown.has(name)),
    [],
  )
})

test('a broker tells by its configuration what is listed of it, and nothing else', () => {
  const told = [...read('..', 'kafka', 'jmx-exporter.yml').matchAll(/ name: (kafka_\w+)/g)].map(([, name]) => name)
  const listed = Object.keys(exporters.kafka).filter((name) => name.startsWith('kafka_'))
  assert.deepEqual(told.sort(), listed.sort())
})

const panels = boards.flatMap((board) => board.rows.flatMap((row) => row.panels.map((panel) => ({ board, panel }))))

test('each panel says what is normal, in a unit, and where it is written what to do', () => {
  for (const { board, panel } of panels) {
    const name = `${board.uid}: ${panel.title}`
    assert.ok(panel.description.length > 10 && panel.description.endsWith('.'), name)
    assert.ok(panel.unit !== '', name)
    assert.ok(panel.runbook !== undefined, name)
    const [page = '', heading] = panel.runbook.split('#', 2)
    if (page.startsWith('runbooks/') && !existsSync(join(docs, 'runbooks'))) continue
    const headings = [...readFileSync(join(docs, page), 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, text = '']) =>
      anchorOf(text),
    )
    assert.ok(heading === undefined || headings.includes(heading), `${name}: docs/${panel.runbook} is not there`)
    const from = panel.steps?.map((step) => step.from) ?? []
    assert.deepEqual(
      from,
      from.toSorted((one, other) => one - other),
      name,
    )
  }
})

function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s-]/gu, '')
    .replaceAll(' ', '-')
}

test('boards and panels are told apart, and every query is asked of the Prometheus that is provisioned', () => {
  assert.equal(new Set(boards.map(({ uid }) => uid)).size, boards.length)
  assert.equal(new Set(panels.map(({ board, panel }) => `${board.uid} ${panel.title}`)).size, panels.length)
  for (const text of Object.values(generated())) {
    const ids = [...text.matchAll(/^ {6}"id": (\d+),$/gm)].map(([, id]) => id)
    assert.ok(ids.length > 10)
    assert.equal(new Set(ids).size, ids.length)
  }
  assert.match(read('provisioning', 'datasources', 'prometheus.yml'), new RegExp(`uid: ${datasource.uid}\n`))
  for (const text of Object.values(generated())) {
    const uids = [...text.matchAll(/"type": "prometheus",\s+"uid": "([^"]+)"/g)].map(([, uid]) => uid)
    assert.ok(uids.length > 0)
    assert.deepEqual([...new Set(uids)], [datasource.uid])
  }
})
