import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { test } from 'node:test'
import type { NewRecord } from '@micropay/event-log/event-log'
import { createLedger } from '@micropay/event-log/ledger.fixture'
import { openMemoryLog } from '@micropay/event-log/memory/event-log'
import { reconciliationProjection } from '@micropay/projections/reconciliation/projection'
import { type ReconciliationTables, reconciliationVersion } from '@micropay/projections/reconciliation/tables'
import { startWorker } from '@micropay/projections/serve/worker'
import { openTestDatabase } from '@micropay/projections/versions/test-database.fixture'
import { systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import { DailyTotals } from '@micropay/schemas/api/reconciliation'
import { OwnerId } from '@micropay/schemas/identifiers'
import { berkaColumns, berkaPayments } from '@micropay/sdk/berka'
import { readCsv } from '@micropay/sdk/read-csv'
import { openReader } from '../position/open-reader.ts'
import { buildReconciliationApp } from './build-reconciliation-app.ts'

const file = process.env.BERKA_FILE ?? resolve(import.meta.dirname, '../../../shared/data/berka/berka-1993.csv.gz')
const skip = existsSync(file) ? false : `Berka file ${file} is not there (set BERKA_FILE)`

test('daily totals of the Berka file by operation are those of the file itself', {
  skip,
  timeout: 120_000,
}, async () => {
  const logger = createLogger('test', 'silent')
  const database = await openTestDatabase()
  const log = openMemoryLog()
  await log.prepare(1)
  const appender = await log.openAppender(0)
  const ledger = createLedger()
  await appender.append([ledger.genesis(), ledger.claim()])
  for (const batch of chunksOf(await recordsOf(ledger), 1_000)) await appender.append(batch)
  const worker = startWorker({
    ...{ log, pool: database.pool, databaseUrl: database.url, clock: systemClock, logger },
    ...{ projection: reconciliationProjection, partitions: 1 },
  })
  const options = {
    service: 'reconciliation',
    version: reconciliationVersion.version,
    databaseUrl: database.url,
    clock: systemClock,
    logger,
  }
  const reader = openReader<ReconciliationTables>(options)
  const app = await buildReconciliationApp({
    ...{ ...reader, logger, cursorSecret: 'a secret for tests alone' },
    verifyToken: async () => ({
      ...{ subject: OwnerId.parse('finance:fiona'), client: 'tests', tenant: 'acme' },
      ...{ scopes: new Set(['reconciliation:read']), expiresAt: Number.POSITIVE_INFINITY },
    }),
  })
  try {
    const headers = { 'at-least': `0:${ledger.position().seq}`, prefer: 'wait=10' }
    const url = '/v1/daily-totals?by=operation&type=customer&from=1993-01-01&to=1998-12-31'
    let answer = await app.inject({ method: 'GET', url, headers })
    for (let asked = 1; answer.statusCode === 503 && asked < 9; asked += 1) {
      answer = await app.inject({ method: 'GET', url, headers })
    }
    assert.equal(answer.statusCode, 200, answer.body)
    const { items } = DailyTotals.parse(answer.json())
    const shown = items.map((total) => `${total.day} ${total.group} +${total.in} -${total.out} ${total.entries}`)
    assert.deepEqual(shown.sort(), (await totalsOfFile()).sort())
    assert.ok(shown.length > 1_000)
  } finally {
    await app.close()
    await worker.close()
    await reader.close()
    await log.close()
    await database.close()
  }
})

/** The file as commits: the accounts that its payments need, then the payments. */
async function recordsOf(ledger: ReturnType<typeof createLedger>): Promise<NewRecord[]> {
  const source = berkaPayments(file)
  for await (const row of source.rows()) assert.ok('payment' in row)
  const opened = Array.from(source.accounts.values(), ({ accountId, type, currency, owner }) =>
    ledger.open(accountId, { type, currency, owner, overdraftLimit: 'unlimited' }),
  )
  const records = [...opened]
  for await (const row of source.rows()) {
    if (!('payment' in row)) continue
    const { postings = [], effectiveAt = '', metadata = {} } = row.payment
    const legs = postings.map(({ from, to, amount, currency }) => [from, to, BigInt(amount), currency] as const)
    records.push(ledger.pay(legs, { effectiveAt: new Date(effectiveAt).toISOString(), metadata }))
  }
  return records
}

/** The same sums from the rows alone: amount and rounding, by their signs. */
async function totalsOfFile(): Promise<string[]> {
  const totals = new Map<string, { in: bigint; out: bigint; entries: number }>()
  for await (const { fields } of readCsv(file, berkaColumns)) {
    const total = totals.get(`${fields.date} ${fields.operation}`) ?? { in: 0n, out: 0n, entries: 0 }
    for (const amount of [BigInt(fields.amount_haler ?? ''), BigInt(fields.rounding_haler ?? '')]) {
      if (amount === 0n) continue
      total.entries += 1
      if (amount > 0n) total.in += amount
      else total.out -= amount
    }
    totals.set(`${fields.date} ${fields.operation}`, total)
  }
  return Array.from(totals, ([key, total]) => `${key} +${total.in} -${total.out} ${total.entries}`)
}

function* chunksOf<Item>(items: readonly Item[], size: number): Generator<Item[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size)
}
