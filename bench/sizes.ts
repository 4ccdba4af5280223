import { lstatSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { run } from '@micropay/local/run-program.fixture'
import pg from 'pg'
import { fillLedger } from './batches.ts'
import { withCleanUp } from './clean-up.ts'
import { type Ground, type LogName, layGround } from './ground.ts'
import { openAccounts } from './payments.ts'
import type { Service } from './processes.ts'
import { untilCaughtUp } from './projections.ts'
import { modelDatabase, modelNames, startProjection, startWriteSide } from './services.ts'
import { settle } from './settle.ts'

/**
 * `node bench/sizes.ts [--payments N]`: books so many payments, each of two legs and with a reference, on Kafka and on
 * PostgreSQL, and prints as JSON how many bytes each takes wherever it is stored: what docs/capacity.md reckons with.
 * Sizes depend on no clock and on nothing else that runs.
 */
/** A database has some megabytes before it has a row. */
const OF_ITS_ROWS = `pg_database_size(current_database()) - pg_database_size('template0')`
const { values } = parseArgs({ options: { payments: { type: 'string', default: '100000' } } })
const payments = Number(values.payments)
const sizes: Record<string, number> = { payments }
for (const log of ['postgres', 'kafka'] as const) await measure(log)
console.log(JSON.stringify(sizes, null, 2))

async function measure(log: LogName): Promise<void> {
  await withCleanUp(async (defer) => {
    const ground = await layGround(log)
    defer(() => ground.stop())
    const keep = async (starting: Promise<Service>) => {
      const service = await starting
      defer(() => service.stop())
      return service
    }
    const writeSide = await keep(startWriteSide(ground))
    const token = await ground.token('olga')
    await openAccounts(writeSide.url, token)
    const before = await bytesOf(ground)
    await fillLedger({ url: writeSide.url, token }, payments)
    await keepSize('log', log, ground, before)
    if (log === 'kafka') return
    const sam = await ground.token('sam')
    for (const model of modelNames) {
      const projection = await keep(startProjection(ground, model))
      await untilCaughtUp(projection, sam)
      await settle(await modelDatabase(ground, model))
      const bytes = await databaseBytes(await modelDatabase(ground, model), OF_ITS_ROWS)
      sizes[`${model} read model`] = Math.round(bytes / payments)
    }
    sizes['state of a worker'] = Math.round(bytesBelow(join(ground.directory, 'state')) / payments)
    sizes.backup = Math.round((await backUp(ground)) / payments)
  })
}

async function keepSize(what: string, log: LogName, ground: Ground, before: number): Promise<void> {
  sizes[`${what} in ${log}`] = Math.round(((await bytesOf(ground)) - before) / payments)
}

/** What the log takes on disk, without what its store keeps for itself. */
async function bytesOf(ground: Ground): Promise<number> {
  if (ground.log === 'kafka') return bytesBelow(join(ground.directory, 'kafka'), /^micropay\.ledger-.*\.log$/)
  const url = ground.environment.LOG_DATABASE_URL ?? ''
  await settle(url)
  return databaseBytes(url, `pg_total_relation_size('event_log.records')`)
}

async function databaseBytes(url: string, expression: string): Promise<number> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const { rows } = await client.query(`select ${expression} as bytes`).finally(() => client.end())
  return Number(rows[0].bytes)
}

async function backUp(ground: Ground): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'micropay-bench-backup-'))
  try {
    const { code, output } = await run('deploy/cli/main.ts', ['backup', folder], ground.environment).ended
    if (code !== 0) throw new Error(output)
    return bytesBelow(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Of the files in a folder and below; `wanted` is of the folder's name and the file's. */
function bytesBelow(folder: string, wanted = /./, path = ''): number {
  return readdirSync(folder).reduce((sum, name) => {
    const [at, whole] = [join(folder, name), path === '' ? name : `${path}-${name}`]
    if (lstatSync(at).isDirectory()) return sum + bytesBelow(at, wanted, name)
    return wanted.test(whole) ? sum + statSync(at).size : sum
  }, 0)
}
