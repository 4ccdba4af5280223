import { prepareInboxTable } from '@micropay/event-log/postgres/inbox-table'
import { prepareParkedTables } from '@micropay/event-log/postgres/parked-table'
import { makeLogTables } from '@micropay/event-log/postgres/tables'
import { statementsOfAccessTable } from '@micropay/read-side/audit/access-table'
import { statementsOfVerificationTable } from '@micropay/read-side/audit/verification-table'
import { isLeaseTableMade, statementsOfLeaseTable } from '@micropay/runtime/lease-table'
import type { Logger } from '@micropay/runtime/logger'
import { grantRights } from './grant-rights.ts'
import { type Client, run } from './on-database.ts'
import type { Purpose, WantedDatabase } from './purposes.ts'
import { takeOver } from './take-over.ts'

/** In one transaction: what stands there of before changes hands whole, or not at all. */
export async function prepareDatabase(
  client: Client,
  database: WantedDatabase,
  log: Pick<Logger, 'info'>,
): Promise<void> {
  const purposes = new Set(database.roles.flatMap((role) => role.purposes))
  await client.query('begin')
  try {
    // Who builds read models may make schemas: one that is called like this role is not looked into.
    await client.query(`set local lock_timeout = '5s'; set local search_path = public, pg_temp`)
    await client.query('revoke create on schema public from public')
    const moved = await takeOver(client, database)
    await run(client, 'set local role %I', database.owner)
    await makeTables(client, purposes)
    await client.query('reset role')
    await grantRights(client, database)
    await client.query('commit')
    const { name, owner } = database
    if (moved.length > 0) log.info({ database: name, owner, moved }, 'what was there belongs to the owner now')
  } catch (error) {
    await client.query('rollback')
    throw error
  }
}

async function makeTables(client: Client, purposes: ReadonlySet<Purpose>): Promise<void> {
  if (purposes.has('own leases') || purposes.has('tell workers')) {
    await makeLeaseTable(client, '')
    await prepareParkedTables(client)
  }
  if (purposes.has('write log') || purposes.has('read log')) {
    await makeLogTables(client)
    await prepareInboxTable(client)
  }
  if (!purposes.has('audit')) return
  for (const statement of statementsOfAccessTable()) await client.query(statement)
  for (const statement of statementsOfVerificationTable()) await client.query(statement)
  await makeLeaseTable(client, 'audit.')
}

async function makeLeaseTable(client: Client, prefix: string): Promise<void> {
  if (!(await isLeaseTableMade(client, { prefix }))) await client.query(statementsOfLeaseTable({ prefix }))
}
