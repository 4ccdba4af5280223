import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLedger } from '@micropay/event-log/ledger.fixture'
import { type Clock, systemClock } from '@micropay/runtime/clock'
import { accountsProjection } from '../accounts/projection.ts'
import type { Projection } from '../projection.ts'
import { startWorker } from '../serve/worker.ts'
import {
  assertConsistent,
  balancesOf,
  eventually,
  liveSchema,
  reached,
  startProjections,
} from './projections.fixture.ts'
import { prepareVersions } from './versions.ts'

/** The accounts read model as an older code made it: a version lower, and a column fewer. */
const older: Projection = {
  ...accountsProjection,
  version: accountsProjection.version - 1,
  async createTables(client, schema) {
    await accountsProjection.createTables(client, schema)
    await client.query(`alter table ${schema}.refused_payment drop column effective_at`)
  },
  indexes: () => [],
}

test('a worker whose code is newer than the live version builds the next one from the log, and switches to it by itself', async () => {
  const projections = await startProjections()
  const { pool } = projections
  const old = await prepareVersions(pool, older, 1)
  const ledger = createLedger()
  const external = { type: 'external', overdraftLimit: 'unlimited' } as const
  await projections.append(ledger.genesis(), ledger.claim(), ledger.open('cash', external), ledger.open('ada'))
  await projections.append(ledger.pay([['cash', 'ada', 100]]))
  projections.startWorker()
  const schema = await eventually('the newer version is live', async () => {
    const live = await liveSchema(pool)
    return live === old.schema ? undefined : live
  })
  assert.match(schema, new RegExp(`^accounts_v${accountsProjection.version}_`))
  await projections.append(ledger.pay([['cash', 'ada', 11]]))
  assert.equal(await reached(pool, 4), schema)
  assert.deepEqual(await balancesOf(pool, schema), { ada: '111', cash: '-111' })
  await assertConsistent(pool, schema, 2, 2)
  await projections.close()
})

test('a rebuild of newer code that fails is tried again with growing pauses, and its trouble is told meanwhile', async () => {
  const projections = await startProjections()
  const { pool } = projections
  await prepareVersions(pool, older, 1)
  const ledger = createLedger()
  await projections.append(ledger.genesis(), ledger.claim(), ledger.open('ada'))
  let tries = 0
  const failing: Projection = {
    ...accountsProjection,
    indexes(schema) {
      tries += 1
      if (tries <= 8) throw new Error('no room left')
      return accountsProjection.indexes(schema)
    },
  }
  const pauses: number[] = []
  const told: (string | undefined)[] = []
  const clock: Clock = {
    ...systemClock,
    sleep: (durationMs, signal) => {
      // A lease is renewed every 5 s, and what takes too long is looked for every 3 s: neither is a pause.
      if (durationMs < 1_000 || durationMs === 5_000 || durationMs === 3_000)
        return systemClock.sleep(durationMs, signal)
      pauses.push(durationMs)
      told.push(worker.troubledBy())
      return systemClock.sleep(1, signal)
    },
  }
  const worker = startWorker({ ...projections, clock, projection: failing })
  assert.match(await reached(pool, 1), new RegExp(`^accounts_v${accountsProjection.version}_`))
  assert.deepEqual(pauses, [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000])
  assert.match(told[2] ?? '', /the rebuild failed 3 times and is tried again within 4 s/)
  await eventually('the trouble is over', async () => (worker.troubledBy() === undefined ? true : undefined))
  await worker.close()
  await projections.close()
})
