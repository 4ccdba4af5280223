import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { ownKafka, ownPostgres } from '@micropay/local/stores/test-services'
import { findChromium } from './chromium.ts'
import { junitXml } from './junit.ts'
import { emptyTally, runCheck, runFiles, type Tally } from './run-files.ts'
import { testEnvironment } from './scratch.ts'
import { type Stage, stages, testFiles } from './test-files.ts'
import { isOffTurn } from './turns.ts'

/**
 * `npx pnpm@12 test [path part ...]`: checks, then pure, integration and end-to-end tests, each stage with the services
 * that it needs, or with `--only checks|pure|integration|e2e` one of these; ends with `N passed, N failed, N skipped`
 * alone on the last line, and fails on any failure, on zero tests, or on a skip that is not allowed. TEST_RESULTS names
 * a file for the outcomes as JUnit XML; BUDGET_MINUTES is how long all stages may take together: with it, some tests of
 * screens take turns. Where all run, a file of the last two stages that fails among others is run once more by itself:
 * `UNSTEADY` tells what held then, and what it had said.
 */
const begunAt = performance.now()
const { filters, isWanted } = readCommand()
const files = testFiles(filters, isWanted)
const tally = emptyTally()
// Where many things run at once and one of them fails, that it holds by itself is worth knowing, and is told as such.
const secondLook = filters.length === 0
Object.assign(process.env, testEnvironment())

const say = (text: string) => process.stdout.write(`${text}\n`)

if (filters.length === 0 && isWanted('checks')) {
  await stage('checks', undefined, async () => {
    await runCheck('biome check .', ['biome', 'check', '--diagnostic-level=error', '.'], tally)
    await runCheck('tsc --noEmit', ['tsc', '--noEmit'], tally)
  })
}
await stage('pure tests', files.pure, () => runFiles(files.pure, { concurrency: 2, timeoutMs: 60_000 }, tally))
await stage('integration tests', files.integration, () => integration(files.integration, tally))
await stage('end-to-end tests', files.endToEnd, async () => {
  const environment = { CHROMIUM: findChromium() }
  const today = new Date()
  const waiting = new Set(process.env.BUDGET_MINUTES ? files.endToEnd.filter((path) => isOffTurn(path, today)) : [])
  for (const name of waiting) tally.skipped.push({ name, detail: 'by night, and tomorrow' })
  const due = files.endToEnd.filter((path) => !waiting.has(path))
  // What is sampled by day is whole by night: three imports of a year take more than five minutes.
  const timeoutMs = process.env.NIGHTLY === '1' ? 900_000 : 300_000
  await runFiles(due, { concurrency: 2, timeoutMs, environment, secondLook }, tally)
})
checkBudget()

if (process.env.TEST_RESULTS) writeFileSync(process.env.TEST_RESULTS, junitXml(tally.cases))
report(tally)

async function stage(name: string, paths: string[] | undefined, work: () => Promise<void>): Promise<void> {
  if (paths?.length === 0) return
  const startedAt = performance.now()
  say(paths ? `== ${name}: ${paths.length} files` : `== ${name}`)
  try {
    await work()
  } catch (error) {
    tally.failed.push({ name, detail: error instanceof Error ? error.message : String(error) })
  }
  say(`-- ${name}: ${minutesSince(startedAt).toFixed(1)} min`)
}

function minutesSince(startedAt: number): number {
  return (performance.now() - startedAt) / 60_000
}

function indented(text: string): string {
  return text.replace(/^/gm, '    ')
}

/** A suite that grows slower a little each day is found on the day when it does. */
function checkBudget(): void {
  const took = minutesSince(begunAt)
  const budget = Number(process.env.BUDGET_MINUTES || Number.POSITIVE_INFINITY)
  say(`-- all stages: ${took.toFixed(1)} min`)
  if (took <= budget) return
  const detail = `all stages took ${took.toFixed(1)} min, over ${budget}: make them faster, or leave more to nightly`
  tally.failed.push({ name: 'budget', detail })
}

/** One server and one broker for all files; what the environment names already is used instead. */
async function integration(paths: string[], into: Tally): Promise<void> {
  if (paths.some((path) => path.includes('/eventstoredb/'))) {
    const { sayServers } = await import('@micropay/event-log/eventstoredb/real-server.fixture')
    say(`-- ${sayServers()}`)
  }
  const postgres = process.env.TEST_POSTGRES_URL ? undefined : await ownPostgres()
  try {
    const kafka = process.env.TEST_KAFKA_BROKERS ? undefined : await ownKafka()
    try {
      const environment = {
        TEST_POSTGRES_URL: process.env.TEST_POSTGRES_URL ?? postgres?.url,
        TEST_KAFKA_BROKERS: process.env.TEST_KAFKA_BROKERS ?? kafka?.brokers.join(','),
      }
      await runFiles(paths, { concurrency: 3, timeoutMs: 240_000, environment, secondLook }, into)
    } finally {
      await kafka?.close()
    }
  } finally {
    await postgres?.close()
  }
}

function readCommand() {
  const { values, positionals } = parseArgs({ options: { only: { type: 'string' } }, allowPositionals: true })
  const only = stages.find((name) => name === values.only)
  if (values.only !== undefined && only === undefined) {
    process.stderr.write(`--only is ${values.only}, and must be ${stages.join(', ')}\n`)
    process.exit(2)
  }
  return { filters: positionals, isWanted: (name: Stage) => only === undefined || only === name }
}

function report({ passed, failed, skipped, unsteady }: Tally): void {
  for (const { name, detail } of failed) say(`\nFAILED ${name}\n${indented(detail)}`)
  for (const { name, detail } of unsteady) say(`\nUNSTEADY ${name}: held by itself\n${indented(detail)}`)
  if (skipped.length > 0) say('')
  for (const { name, detail } of skipped) say(`SKIPPED ${name}: ${detail}`)
  if (passed + failed.length === 0) {
    failed.push({ name: 'no tests', detail: '' })
    say(`\nFAILED no test matches ${filters.join(' ')}`)
  }
  process.exitCode = failed.length > 0 ? 1 : 0
  say(`\n${passed} passed, ${failed.length} failed, ${skipped.length} skipped`)
}
