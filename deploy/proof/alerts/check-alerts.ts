import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from '@micropay/local/run-program.fixture'
import { readRunning } from '@micropay/local/running'
import { systemClock as clock } from '@micropay/runtime/clock'
import { type Metric, measuredServices } from '@micropay/runtime/telemetry/metric'
import { metricNames, metrics } from '@micropay/runtime/telemetry/metrics'
import { askPrometheus, until } from './ask-prometheus.ts'
import { runbooks } from './rule-files.fixture.ts'

/**
 * The whole product with a real Prometheus and Alertmanager beside it, at the pace that people have: all services are
 * scraped, every rule can be worked out, every metric that is always there has a series, and nothing is told while all
 * is well; a projection is made to stand still, is told of in the terminal of `start` with its page, and so is that it
 * goes on. By hand and by night, since it takes some five minutes. Ends with 1 where something is not so.
 */
const say = (line: string) => void process.stdout.write(`${line}\n`)
const home = await mkdtemp(join(tmpdir(), 'micropay-alerts-'))
const start = run('deploy/local/start/start.ts', ['--observe'], { PORT: '0', MICROPAY_HOME: home })
try {
  await start.said(/MicroPay is ready after/)
  const running = await readRunning(home)
  assert.ok(running?.observe, 'start found Prometheus and Alertmanager: sh deploy/prometheus/fetch.sh')
  const prometheus = askPrometheus(running.observe.prometheus)
  await checkScraped(prometheus)
  await checkSilent(prometheus)
  const pid = running.services['accounts-projection']
  assert.ok(pid, 'a projection runs')
  await checkTold(pid)
  say('All of it is as docs/operations.md says.')
} finally {
  start.child.kill('SIGINT')
  await start.ended
  await rm(home, { recursive: true, force: true })
}

type Prometheus = ReturnType<typeof askPrometheus>

async function checkScraped(prometheus: Prometheus): Promise<void> {
  const isUp = async () => {
    const up = (await prometheus.targets()).filter(({ health }) => health === 'up').map(({ labels }) => labels.job)
    return Object.keys(measuredServices).every((service) => up.includes(service))
  }
  await until('every service is scraped', 60_000, isUp).catch(async (error: unknown) => {
    say(JSON.stringify(await prometheus.targets(), null, 2))
    throw error
  })
  say('Every service is scraped.')
  const isWorkedOut = async () => (await prometheus.rules()).every(({ health }) => health === 'ok')
  await until('every rule is worked out', 60_000, isWorkedOut)
  say('Every rule is worked out.')
  for (const name of metricNames.filter(isAlwaysThere)) {
    const series = metrics[name].kind === 'histogram' ? `${name}_count` : name
    await until(`${series} has a series`, 60_000, () => prometheus.hasSeries(series))
  }
  say('Every metric of the table that is always there has a series.')
}

/** A counter is there once something was counted. */
function isAlwaysThere(name: (typeof metricNames)[number]): boolean {
  const { kind, where, labels }: Metric = metrics[name]
  return where === undefined && !(kind === 'counter' && labels.length > 0)
}

async function checkSilent(prometheus: Prometheus): Promise<void> {
  // Longer than the shortest page waits.
  await clock.sleep(90_000)
  const firing = (await prometheus.firing()).map(({ alertname }) => alertname)
  assert.deepEqual(firing, ['Watchdog'])
  say('Nothing is told while all is well.')
}

async function checkTold(pid: number): Promise<void> {
  process.kill(pid, 'SIGSTOP')
  try {
    const told =
      /PAGE: ServiceDown: No process of accounts-projection answers\n +what to do: docs\/runbooks\/service-down\.md/
    await within(start.said(told), 'the page')
    assert.ok(existsSync(join(runbooks, 'service-down.md')))
    say('A projection that stands still is told of.')
  } finally {
    process.kill(pid, 'SIGCONT')
  }
  await within(start.said(/over: ServiceDown: No process of accounts-projection answers/), 'that it is over')
  say('So is that it goes on.')
}

async function within(work: Promise<unknown>, what: string): Promise<void> {
  const late = new AbortController()
  const isLate = clock.sleep(300_000, late.signal).then((itIs) => assert.ok(!itIs, `not told within 5 min: ${what}`))
  await Promise.race([work, isLate]).finally(() => late.abort())
}
