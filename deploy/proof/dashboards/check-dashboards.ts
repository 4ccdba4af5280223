import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { exporters } from '@micropay/grafana/exporters'
import { readQuery } from '@micropay/grafana/promql'
import { type BoardQuery, boardQueries } from '@micropay/grafana/queries'
import { repositoryRoot } from '@micropay/local/running'
import { freePort } from '@micropay/local/stores/free-port'
import { systemClock as clock } from '@micropay/runtime/clock'
import { z } from 'zod'
import { startProduct } from '../e2e/product.fixture.ts'
import { mavenArtifact } from '../maven-artifact.ts'
import { makeTraffic } from '../observed/traffic.ts'
import { debianPrograms } from './debian-programs.ts'
import { startExporters } from './exporters-here.ts'
import { type Series, startScraping, type Target } from './scraping.ts'

/**
 * Each query of each panel, asked of a real Prometheus that scrapes a running system on Kafka, its PostgreSQL and this
 * host. Ends with 1 where one has no series, or is none. By hand and by night: it takes Maven, Java 17 and apt.
 */
const usage = `npx pnpm@12 check:dashboards: asks what each panel asks of a real Prometheus

  --exporters    only what is asked of Kafka, PostgreSQL and the host, and not of our services
  --help         this text
`
const JMX_EXPORTER = '1.0.1'
const rules = join(repositoryRoot, 'deploy', 'kafka', 'jmx-exporter.yml')
const REQUESTS = 2_000
const RATE_INTERVAL = '1m'
const SERIES_WITHIN_MS = 120_000
const Targets = z.array(z.object({ targets: z.array(z.string()), labels: z.object({ job: z.string() }) }))

/** Panels that show nothing while all is well, or where something is not set up. */
const mayBeEmpty: Readonly<Record<string, string>> = {
  'micropay-write-side: Age of the newest snapshot': 'SNAPSHOTS is not set',
  'micropay-write-side: Stopped': 'nothing is stopped',
  'micropay-business: Void records': 'no record is void',
}

const { values } = parseArgs({ options: { exporters: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } })
if (values.help) process.stdout.write(usage)
else process.exitCode = await check(values.exporters !== true)

async function check(withServices: boolean): Promise<number> {
  const programs = await debianPrograms()
  const agent = await jmxExporter()
  const kafkaPort = await freePort()
  await using product = await startProduct({
    ...{ log: 'kafka', partitions: 2, args: withServices ? ['--observe'] : [] },
    environment: { JDK_JAVA_OPTIONS: `-javaagent:${agent}=127.0.0.1:${kafkaPort}:${rules}` },
  })
  await using beside = await startExporters(programs, product)
  const services = withServices ? servicesOf(product.home) : []
  const targets = [...services, ...beside.targets, { job: 'kafka', address: `127.0.0.1:${kafkaPort}` }]
  await using prometheus = await startScraping(programs, targets)
  await prometheus.scraped()
  say(`A Prometheus scrapes ${targets.map(({ job }) => job).join(', ')}`)
  await makeTraffic(product.running, REQUESTS)
  await prometheus.scraped()
  const queries = boardQueries(RATE_INTERVAL).filter((query) => withServices || isOfExporters(query))
  const empty = await withoutSeries(
    queries.filter((query) => !(nameOf(query) in mayBeEmpty)),
    prometheus.query,
  )
  if (empty.length > 0) {
    process.stderr.write(`No series:\n${empty.map((query) => `${nameOf(query)}: ${query.expr}\n`).join('')}`)
    return 1
  }
  const left = queries.filter((query) => nameOf(query) in mayBeEmpty).length
  say(`All ${queries.length - left} queries were answered with series; ${left} show nothing while all is well`)
  return 0
}

function nameOf({ board, panel }: BoardQuery): string {
  return `${board}: ${panel}`
}

/** Those that have none even after a while: a rate needs two samples, which a loaded machine takes its time for. */
async function withoutSeries(
  queries: readonly BoardQuery[],
  ask: (expr: string) => Promise<readonly Series[]>,
): Promise<readonly BoardQuery[]> {
  const shown = new Set(boardQueries().map(nameOf))
  for (const name of Object.keys(mayBeEmpty)) if (!shown.has(name)) throw new Error(`there is no panel ${name}`)
  const untilMs = clock.monotonicMs() + SERIES_WITHIN_MS
  let empty = queries
  while (true) {
    const answered = await Promise.all(empty.map(async (query) => ({ query, series: await ask(query.expr) })))
    empty = answered.filter(({ series }) => series.length === 0).map(({ query }) => query)
    if (empty.length === 0 || clock.monotonicMs() > untilMs) return empty
    await clock.sleep(2_000)
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

async function jmxExporter(): Promise<string> {
  const folder = join(repositoryRoot, '.cache', 'jmx-exporter', JMX_EXPORTER)
  await mavenArtifact(`io.prometheus.jmx:jmx_prometheus_javaagent:${JMX_EXPORTER}`, { folder, how: 'copy' })
  return join(folder, `jmx_prometheus_javaagent-${JMX_EXPORTER}.jar`)
}

/** Where `start --observe` has told its own Prometheus that its services are. */
function servicesOf(home: string): readonly Target[] {
  const path = join(home, 'observe', 'targets', 'services.json')
  if (!existsSync(path)) throw new Error('start --observe names no services: see what it says')
  return Targets.parse(JSON.parse(readFileSync(path, 'utf8'))).flatMap(({ targets, labels }) =>
    targets.map((address) => ({ job: labels.job, address })),
  )
}

function isOfExporters({ expr }: BoardQuery): boolean {
  const names = new Set(Object.values(exporters).flatMap((those) => Object.keys(those)))
  return readQuery(expr).selectors.every(({ metric }) => names.has(metric))
}
