import assert from 'node:assert/strict'
import { test } from 'node:test'
import { accountsProjection } from '../accounts/projection.ts'
import { createLedger } from '../follow/ledger.fixture.ts'
import type { Projection } from '../follow/projection.ts'
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
    await client.query(`alter table ${schema}.payment_account drop column effective_at`)
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
