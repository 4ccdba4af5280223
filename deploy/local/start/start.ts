import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock } from '@micropay/runtime/clock'
import { ConfigError, readConfig } from '@micropay/runtime/config'
import { makePrivate, writePrivately } from '@micropay/runtime/private-files'
import { clientCredentials } from '@micropay/sdk/access-token'
import { connectLedger, type LedgerClient } from '@micropay/sdk/ledger-client'
import { developmentSecret } from '../issuer/personas.ts'
import { homeDirectory, repositoryRoot, writeRunning } from '../running.ts'
import { findStops, type Stops } from './find-stops.ts'
import { lockHome } from './home-lock.ts'
import { holdPublicPort } from './ports.ts'
import { RESTORING } from './restore-backup.ts'
import { secondsSince } from './say-when-done.ts'
import { isSeeded, type Seeded, type SeedMarker, seed } from './seed.ts'
import { type Everything, type Running, startAll } from './start-all.ts'
import { readFlags, StartEnvironment, type StartFlags, usage } from './start-options.ts'
import { welcomeText } from './welcome.ts'

/** `npx pnpm@12 start`: the whole product on this machine, until Ctrl-C. */
const clock = systemClock
const say = (text: string) => process.stdout.write(`${text}\n`)
const startedAt = clock.monotonicMs() - performance.now()
const ownState = [
  'installation.json',
  'running.json',
  'postgres',
  'postgres.new',
  'kafka',
  'state',
  'logs',
  'issuer',
  'tls',
  RESTORING,
  'observe',
]

/** What is stopped is told once, when all have said it. */
const sayOfStart = (text: string) => {
  const isOfStop = /: error: (stopped: |the projection stopped on this partition)/.test(text)
  if (wasReady || !isOfStop) say(text)
}

/** Set by whatever stops us first: what follows from stopping is not told as a failure. */
let ending = false
let wasReady = false

try {
  await main(readFlags(process.argv.slice(2)), readConfig(StartEnvironment))
} catch (error) {
  await fail(error)
}

async function main(flags: StartFlags, environment: StartEnvironment): Promise<void> {
  if (flags.help) {
    process.stdout.write(usage)
    return
  }
  const home = homeDirectory(environment.MICROPAY_HOME)
  writePrivately()
  await lockHome(home)
  const publicSocket = await holdPublicPort(environment.PORT)
  if (flags.fresh) for (const name of ownState) await rm(join(home, name), { recursive: true, force: true })
  // The data directory of PostgreSQL may be of another user, and is closed to all others by itself.
  for (const name of ownState.filter((each) => each !== 'postgres')) makePrivate(join(home, name))
  say(`Starting MicroPay in ${home}`)
  const running = startAll({
    ...{ environment, publicSocket, home, repositoryRoot, clock, say: sayOfStart },
    ...{ withMetrics: flags.observe, observe: flags.observe, restore: flags.restore },
    inherited: process.env,
    onGivenUp: (error) => void stopBecause(running, error),
  })
  stopOnSignals(running, home)
  try {
    const all = await running.ready
    const { stops, seeded } = await withLedger(all, async (ledger) => {
      const stops = await findStops(ledger)
      const isBooked = flags.seed && stops.isServed
      return { stops, seeded: isBooked ? await seed(ledger, all.createdOn, markerIn(home, all)) : undefined }
    })
    wasReady = true
    await announce(all, home, environment, { seeded, stops })
    running.onRestarted(() => void tellWhere(all, home, environment))
  } catch (error) {
    await stopBecause(running, error)
  }
}

function markerIn(home: string, { store, ledgerId }: Everything): SeedMarker {
  return { path: join(home, 'state', store, 'seeded'), ledgerId }
}

async function withLedger<Result>(all: Everything, work: (ledger: LedgerClient) => Promise<Result>): Promise<Result> {
  const ledger = connectLedger({
    url: all.url,
    accessToken: clientCredentials(all.issuer, { id: 'cli', secret: developmentSecret }),
    patienceMs: 30_000,
  })
  return work(ledger).finally(() => ledger.close())
}

/** Its processes change where one of them is started again. */
async function tellWhere(all: Everything, home: string, environment: StartEnvironment): Promise<void> {
  const { url, issuer, logEnvironment } = all
  if (ending) return
  await writeRunning(home, {
    ...{ pid: process.pid, instance: all.instance, url, issuer },
    ...{ log: environment.LOG, logEnvironment, services: all.pids(), ledgerId: all.ledgerId },
    ...{ stateDirectories: [...all.stateDirectories], readModels: all.readModels, leases: all.leases },
    ...{ workerTls: all.workerTls, observe: all.observed },
  })
}

type Told = { readonly seeded: Seeded | undefined; readonly stops: Stops }

async function announce(all: Everything, home: string, environment: StartEnvironment, { seeded, stops }: Told) {
  const { url, issuer, logText, observed } = all
  await tellWhere(all, home, environment)
  const took = secondsSince(clock, startedAt)
  const hasExamples = await isSeeded(markerIn(home, all))
  say(
    welcomeText({ url, issuer, logText, took, seeded, stops, hasExamples, observed, logDirectory: join(home, 'logs') }),
  )
  process.send?.({ kind: 'ready', url, issuer })
}

function stopOnSignals(running: Running, home: string): void {
  const stop = (signal: string) => {
    if (ending) {
      say(`${signal} again: ending at once`)
      void running.killNow().finally(() => process.exit(1))
      return
    }
    ending = true
    say('\nStopping (once more to end at once)')
    void running.stop().then(async () => {
      await rm(join(home, 'running.json'), { force: true })
      say('Stopped. The state is kept: the next start goes on from here.')
      process.exit(0)
    }, fail)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stop(signal))
  if (process.connected) process.on('disconnect', () => stop('the end of the parent process'))
}

async function stopBecause(running: Running, error: unknown): Promise<void> {
  if (ending) return
  ending = true
  await running.stop().catch(() => undefined)
  await fail(error)
}

async function fail(error: unknown): Promise<never> {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const isUsage = error instanceof ConfigError || code.startsWith('ERR_PARSE_ARGS')
  const isBug = !isUsage && (error instanceof TypeError || error instanceof ReferenceError)
  const text = error instanceof Error ? (isBug ? error.stack : error.message) : String(error)
  process.stderr.write(`\nMicroPay ${wasReady ? 'has stopped' : 'cannot start'}:\n${text}\n`)
  if (isUsage) process.stderr.write('See npx pnpm@12 start --help\n')
  process.exit(1)
}
