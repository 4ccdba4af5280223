import assert from 'node:assert/strict'
import { test } from 'node:test'
import { accountsProjection } from '@micropay/projections/accounts/projection'
import { auditProjection } from '@micropay/projections/audit/projection'
import { reconciliationProjection } from '@micropay/projections/reconciliation/projection'
import { makeTestDatabase } from '@micropay/runtime/test-database.fixture'
import { Pool } from 'pg'
import { describeTables, makeLeaseDatabase, makeReadModel } from './databases.fixture.ts'
import { fillRegions, heldAndDue } from './regions.ts'

async function described(make: (pool: Pool) => Promise<void>): ReturnType<typeof describeTables> {
  await using database = await makeTestDatabase()
  const pool = new Pool({ connectionString: database.url })
  try {
    await make(pool)
    return await describeTables(pool)
  } finally {
    await pool.end()
  }
}

test('04-database-schemas.md lists every table and column that PostgreSQL has; UPDATE_DOCS=1 writes them', async () => {
  const lease = await described(makeLeaseDatabase)
  const accounts = await described((pool) => makeReadModel(pool, accountsProjection))
  const reconciliation = await described((pool) => makeReadModel(pool, reconciliationProjection))
  const audit = await described((pool) => makeReadModel(pool, auditProjection))
  for (const { registry } of [reconciliation, audit]) assert.equal(registry, accounts.registry)
  const regions = {
    ...{ 'database-lease': lease.own, 'database-projection': accounts.registry, 'database-accounts': accounts.own },
    ...{ 'database-reconciliation': reconciliation.own, 'database-audit': audit.own },
  }
  const page = heldAndDue('docs/architecture/04-database-schemas.md', (document) => fillRegions(document, regions))
  assert.equal(page.held, page.due)
})
