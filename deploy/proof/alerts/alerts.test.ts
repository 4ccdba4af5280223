import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { LEAF_MS } from '@micropay/local/authority/kept-authority'
import { observersForTests } from '@micropay/local/observe/find-observers'
import { repositoryRoot } from '@micropay/local/running'
import { type Metric, measuredServices } from '@micropay/runtime/telemetry/metric'
import { metrics } from '@micropay/runtime/telemetry/metrics'
import { parseAllDocuments } from 'yaml'
import { z } from 'zod'
import { labelsKept, metricsIn } from './promql.ts'
import {
  alertNames,
  alerts,
  allRules,
  filesIn,
  folder,
  pageOf,
  read,
  rulesIn,
  ruleTests,
  runbooks,
} from './rule-files.fixture.ts'

const { promtool, amtool } = observersForTests()
const run = (program: string, args: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: folder, encoding: 'utf8' })
  assert.equal(status, 0, `${stdout}\n${stderr}`.slice(0, 8_000))
}
/** The one alert that says that all is well. */
const always = 'Watchdog'
/** Those that renew certificates of services themselves, and each have thresholds that fit. */
const sites = ['start', 'compose', 'kubernetes'] as const
const hours = z.string().regex(/^\d+h$/)
const seconds = hours.transform((text) => Number(text.slice(0, -1)) * 3_600)
const OfService = z.object({
  kind: z.literal('Certificate'),
  spec: z.object({ uris: z.tuple([z.string()]), duration: seconds, renewBefore: seconds }),
})
const configurations = readdirSync(folder).filter((file) => /^prometheus-of-.*\.yml$/.test(file))

test('promtool and amtool take every file', () => {
  assert.equal(configurations.length, 3)
  run(promtool, ['check', 'rules', ...filesIn('rules')])
  for (const site of sites) run(promtool, ['check', 'rules', `rules-of-${site}/thresholds.yml`])
  // Debian's build knows no Kubernetes: what stands there of it is taken for a file of targets.
  const besides = configurations.filter((file) => !file.includes('kubernetes'))
  const kubernetes = readFileSync(join(folder, 'prometheus-of-kubernetes.yml'), 'utf8')
  const discovery = /kubernetes_sd_configs:\n( {6,}.*\n)+/g
  assert.match(kubernetes, discovery)
  const directory = mkdtempSync(join(tmpdir(), 'micropay-rules-'))
  try {
    cpSync(join(folder, 'rules'), join(directory, 'rules'), { recursive: true })
    cpSync(join(folder, 'rules-of-kubernetes'), join(directory, 'rules'), { recursive: true })
    const other = join(directory, 'prometheus.yml')
    const asFiles = kubernetes.replace(discovery, 'file_sd_configs: [{ files: [targets.json] }]\n')
    writeFileSync(other, asFiles.replaceAll('/var/run/secrets/kubernetes.io/serviceaccount', directory))
    for (const name of ['ca.crt', 'token']) writeFileSync(join(directory, name), '')
    run(promtool, ['check', 'config', ...besides, other])
  } finally {
    rmSync(directory, { recursive: true })
  }
  run(amtool, ['check-config', 'alertmanager.yml', 'alertmanager-of-start.yml'])
})

test('a page goes to whoever is on call, and all else to where tickets are kept', () => {
  const receiverOf = (severity: string, file = 'alertmanager.yml') => {
    const args = ['config', 'routes', 'test', `--config.file=${file}`, `severity=${severity}`, 'alertname=A']
    return spawnSync(amtool, args, { cwd: folder, encoding: 'utf8' }).stdout.trim()
  }
  const all = ['page', 'ticket', 'odd', 'none']
  assert.deepEqual(
    all.map((severity) => receiverOf(severity)),
    ['pager', 'tickets', 'tickets', 'watchdog'],
  )
  // Of what says that all is well the terminal of `start` says nothing.
  assert.deepEqual(
    all.map((severity) => receiverOf(severity, 'alertmanager-of-start.yml')),
    ['terminal', 'terminal', 'terminal', 'nobody'],
  )
})

test('every alert fires when it should, and stays silent when it should', () => {
  run(promtool, ['test', 'rules', ...filesIn('tests')])
})

test('each alert has a test for both, of each of its severities', () => {
  const known = alertNames.flatMap((name) =>
    name === always ? [`${name} fires`] : [`${name} fires`, `${name} stays silent`],
  )
  const showing = (what: string) => ruleTests.filter(({ shows }) => shows.includes(what))
  assert.deepEqual(
    ruleTests.flatMap(({ shows }) => shows).filter((what) => !known.includes(what)),
    [],
  )
  for (const { alert, labels } of alerts) {
    const expected = showing(`${alert} fires`).flatMap((each) => each.expected)
    const isExpected = expected.some(
      (text) => text.includes(`alertname="${alert}"`) && text.includes(`severity="${labels.severity}"`),
    )
    assert.ok(isExpected, `${alert}, ${labels.severity}: no test expects it`)
    if (alert === always) continue
    const quiet = showing(`${alert} stays silent`)
    assert.ok(quiet.length > 0 && quiet.every((each) => each.expected.length === 0), `${alert} stays silent`)
  }
})

test('every alert says what it is, how grave, of what and where its page is; what it says of its labels it has', () => {
  for (const { alert, labels, annotations, expr } of alerts) {
    assert.deepEqual(Object.keys(annotations).sort(), ['description', 'runbook_url', 'summary'], alert)
    assert.equal(annotations.runbook_url, `{{ $externalLabels.runbooks }}/${pageOf(alert)}`)
    assert.ok((alert === always ? ['none'] : ['page', 'ticket']).includes(labels.severity ?? ''), alert)
    assert.ok(labels.service, alert)
    const has = [...labelsKept(expr), ...metricsIn(expr).flatMap(({ metric }) => labelsOf(metric))]
    for (const text of [...Object.values(annotations), ...Object.values(labels)]) {
      for (const [, label = ''] of text.matchAll(/\$labels\.(\w+)/g))
        assert.ok(has.includes(label), `${alert}: ${label}`)
    }
  }
})

test('every alert has a runbook, and every runbook an alert', () => {
  const pages = readdirSync(runbooks).filter((file) => file !== 'README.md')
  assert.deepEqual(pages.toSorted(), alertNames.map(pageOf).toSorted())
  const index = readFileSync(join(runbooks, 'README.md'), 'utf8')
  for (const alert of alertNames) {
    const text = readFileSync(join(runbooks, pageOf(alert)), 'utf8')
    assert.ok(text.startsWith(`# ${alert}\n`), alert)
    const headings = [...text.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading)
    assert.deepEqual(headings, [
      ...['What it means', 'What customers see', 'What to look at', 'How to heal it', 'How to know that it is healed'],
    ])
    assert.ok(index.includes(`[${alert}](${pageOf(alert)})`), `${alert} is not in the list`)
  }
})

/** Of others: Prometheus and Alertmanager themselves, the node exporter and the kubelet. */
const ofOthers =
  /^(up|prometheus_[a-z_]+|alertmanager_[a-z_]+|node_filesystem_(avail|size)_bytes|kubelet_volume_stats_[a-z]+_bytes)$/
const recorded = new Map(allRules.flatMap(({ record, expr, labels }) => (record ? [[record, { expr, labels }]] : [])))
const rows: Readonly<Record<string, Metric>> = metrics
const ofTargets = ['job', 'instance']

/** Which labels a metric has, as far as rules may choose by them. */
function labelsOf(metric: string): readonly string[] {
  const row = rows[metric.replace(/_(count|sum|bucket)$/, '')] ?? rows[metric]
  if (row) return [...row.labels, ...ofTargets, ...(row.kind === 'histogram' ? ['le'] : [])]
  const made = recorded.get(metric)
  if (made) return [...labelsKept(made.expr), ...Object.keys(made.labels), 'severity', ...ofTargets]
  return [...ofTargets, 'mountpoint', 'fstype', 'namespace', 'persistentvolumeclaim', 'integration']
}

test('every metric of a rule is in the table of metrics, with the labels by which it is chosen', () => {
  for (const { alert, record, expr } of allRules) {
    for (const { metric, labels } of metricsIn(expr)) {
      const said = `${alert ?? record}: ${metric}`
      const row = rows[metric] ?? rows[metric.replace(/_(count|sum|bucket)$/, '')]
      assert.ok(row || recorded.has(metric) || ofOthers.test(metric), `${said} is no metric`)
      assert.ok(!(row?.kind === 'histogram') || /_(count|sum|bucket)$/.test(metric), `${said} is a histogram`)
      for (const label of labels) assert.ok(labelsOf(metric).includes(label), `${said} has no label ${label}`)
    }
  }
})

test('each service is asked for, whether Prometheus knows where it is or not', () => {
  const down = alerts.filter(({ alert }) => alert === 'ServiceDown')
  for (const service of Object.keys(measuredServices)) {
    assert.ok(
      down.some(({ expr }) => expr.includes(`absent(up{job="${service}"})`)),
      service,
    )
    const compose = readFileSync(join(folder, 'prometheus-of-compose.yml'), 'utf8')
    assert.ok(compose.includes(`job_name: ${service}\n`), service)
  }
})

test('each site has the thresholds of rules/, with figures of its own', () => {
  const sortOf = (path: string) => rulesIn(path).map(({ record, labels }) => ({ record, labels }))
  for (const site of sites) {
    assert.deepEqual(sortOf(`rules-of-${site}/thresholds.yml`), sortOf('rules/thresholds.yml'), site)
  }
})

test('of a certificate that is renewed in time nobody is told: the thresholds are well below what is left then', () => {
  const { duration, renewBefore } = certificatesOfServices()
  const leftWhenRenewed = {
    start: LEAF_MS / 2_000,
    compose: LEAF_MS / 2_000,
    kubernetes: Math.min(renewBefore, duration / 2),
  }
  for (const site of sites) {
    const [ticket, page] = ['ticket', 'page'].map((severity) => remaining(site, severity))
    assert.ok(ticket && page)
    // A renewal that is late by a sixth of the life is told of, and one that is just due is not.
    assert.ok(ticket <= (leftWhenRenewed[site] * 2) / 3, `${site}: ${ticket} s`)
    assert.ok(page <= ticket / 2, `${site}: ${page} s`)
    assert.ok(page >= 3_600, `${site}: somebody has to have time to come`)
  }
})

/** In seconds; the same of every service. */
function certificatesOfServices(): { readonly duration: number; readonly renewBefore: number } {
  const path = join(repositoryRoot, 'deploy', 'kubernetes', 'base', 'certificates.yaml')
  const lives = parseAllDocuments(readFileSync(path, 'utf8')).flatMap((document) => {
    const found = OfService.safeParse(document.toJS())
    return found.success ? [found.data.spec] : []
  })
  assert.equal(lives.length, Object.keys(measuredServices).length)
  const [first] = lives
  assert.ok(first)
  for (const life of lives) assert.deepEqual([life.duration, life.renewBefore], [first.duration, first.renewBefore])
  return { duration: first.duration, renewBefore: first.renewBefore }
}

/** The threshold of the certificates of services, as the arithmetic of its rule says it. */
function remaining(site: string, severity: string): number {
  const rule = rulesIn(`rules-of-${site}/thresholds.yml`).find(
    ({ record, labels }) =>
      record === 'threshold:certificate_remaining_seconds' &&
      labels.certificate === 'service' &&
      labels.severity === severity,
  )
  const [, left, sign, right] = /^vector\((\d+) ([*/]) (\d+)\)$/.exec(rule?.expr ?? '') ?? []
  return sign === '*' ? Number(left) * Number(right) : Number(left) / Number(right)
}

test('Compose reads all rules, with thresholds of its own', () => {
  const { rule_files: files } = z.object({ rule_files: z.array(z.string()) }).parse(read('prometheus-of-compose.yml'))
  const expected = filesIn('rules').map((path) => path.replace('rules/thresholds', 'rules-of-compose/thresholds'))
  assert.deepEqual(files.toSorted(), expected.toSorted())
})

test('Kubernetes mounts all rules, and inhibitions name alerts that there are', () => {
  const { configMapGenerator: maps } = z
    .object({ configMapGenerator: z.array(z.object({ name: z.string(), files: z.array(z.string()) })) })
    .parse(read('kustomization.yaml'))
  const thresholds = 'thresholds.yml=rules-of-kubernetes/thresholds.yml'
  const expected = filesIn('rules').map((path) => path.replace('rules/thresholds.yml', thresholds))
  assert.deepEqual(maps.find(({ name }) => name === 'prometheus-rules')?.files.toSorted(), expected.toSorted())
  for (const path of ['alertmanager.yml', 'alertmanager-of-start.yml']) {
    const { inhibit_rules: rules } = z
      .object({
        inhibit_rules: z.array(
          z.object({ source_matchers: z.array(z.string()), target_matchers: z.array(z.string()) }),
        ),
      })
      .parse(read(path))
    for (const matcher of rules.flatMap((rule) => [...rule.source_matchers, ...rule.target_matchers])) {
      const [, named] = /^alertname(?:=~|!~|!=|=)"(.*)"$/.exec(matcher) ?? []
      for (const name of named?.split('|') ?? []) assert.ok(alertNames.includes(name), `${path}: ${name}`)
    }
  }
  assert.deepEqual(z.object({ inhibit_rules: z.unknown() }).parse(read('alertmanager.yml')), {
    inhibit_rules: z.object({ inhibit_rules: z.unknown() }).parse(read('alertmanager-of-start.yml')).inhibit_rules,
  })
})
