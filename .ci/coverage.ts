import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { run } from 'node:test'
import { lcov } from 'node:test/reporters'
import { parseArgs } from 'node:util'
import { ownKafka, ownPostgres } from '@micropay/local/stores/test-services'
import { coverageTable, type FileCoverage, packageShares } from './coverage-table.ts'
import { testFiles } from './test-files.ts'

const usage = `npx pnpm@12 coverage [path part ...]: which lines the tests run, as Node counts them

  --integration  integration tests, too; pure ones alone where it is left out
  --help         this text

Writes coverage/lcov.info, which SonarQube reads, and coverage/summary.json. Exit code 1 when a test fails.
`
/** What is run to test, or looked at by a browser's own tests. */
const notCounted = ['**/*test.ts', '**/*.fixture.ts', '**/*.contract.ts', '**/*-under-test.ts', '.ci/**', '**/dist/**']
/** All of it takes minutes, and a file that hangs holds it up no longer than this. */
const WITHIN_MS = 60 * 60_000
const repository = resolve(import.meta.dirname, '..')
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    integration: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
})

if (values.help) process.stdout.write(usage)
else
  await measure(testFiles(positionals, (stage) => stage === 'pure' || (stage === 'integration' && values.integration)))

async function measure({ pure, integration }: { readonly pure: string[]; readonly integration: string[] }) {
  const postgres = integration.length > 0 ? await ownPostgres() : undefined
  const kafka = integration.length > 0 ? await ownKafka() : undefined
  try {
    const stores = { TEST_POSTGRES_URL: postgres?.url, TEST_KAFKA_BROKERS: kafka?.brokers.join(',') }
    process.exitCode = (await runCounted([...pure, ...integration], stores)) ? 0 : 1
  } finally {
    await kafka?.close()
    await postgres?.close()
  }
}

/** Whether all of them passed; tells what failed. */
async function runCounted(files: readonly string[], stores: Readonly<Record<string, string | undefined>>) {
  const folder = resolve(repository, 'coverage')
  mkdirSync(folder, { recursive: true })
  const failed: string[] = []
  let counted: readonly FileCoverage[] = []
  // Functions that come from a cache of compiled code are not counted.
  const env = { ...process.env, ...stores, NO_COLOR: '1', NODE_DISABLE_COMPILE_CACHE: '1' }
  const stream = run({
    ...{ files: files.map((path) => resolve(repository, path)), cwd: repository, concurrency: 2, env },
    ...{ coverage: true, coverageExcludeGlobs: notCounted, signal: AbortSignal.timeout(WITHIN_MS) },
  })
  stream.on('test:fail', ({ name, details }) => failed.push(`${name}: ${details.error.message}`))
  stream.on('test:coverage', ({ summary }) => {
    counted = summary.files.map((file) => ({ ...file, path: file.path.slice(repository.length + 1) }))
  })
  const written = createWriteStream(resolve(folder, 'lcov.info'))
  stream.compose(lcov).pipe(written)
  await new Promise<void>((done) => written.once('finish', () => done()))
  const shares = packageShares(counted)
  writeFileSync(resolve(folder, 'summary.json'), `${JSON.stringify(shares, undefined, 2)}\n`)
  process.stdout.write(`${coverageTable(shares)}\n`)
  for (const line of failed) process.stdout.write(`FAILED ${line}\n`)
  if (counted.length === 0) process.stdout.write('FAILED nothing was counted\n')
  return failed.length === 0 && counted.length > 0
}
