import { isLeaseTableMade, statementsOfLeaseTable } from '@micropay/runtime/lease-table'
import { tellWhoMayMake } from '@micropay/runtime/may-not-make'
import { inTransaction } from '@micropay/runtime/transaction'
import type { ClientBase, Pool } from 'pg'
import { checkpointTables } from '../follow/checkpoint.ts'
import type { Projection } from '../projection.ts'
import { failureTable, forgetFailure, noteUnfinished } from './last-failure.ts'

/**
 * The registry of a projection's versions. Each stands in a schema of its own, whose name is never used twice: who
 * still reads an old name never sees another version's rows. Readers ask the registry which schema is live, in the
 * same snapshot as the rows, so that a switch is an update of two rows: no view is replaced, which would have to wait
 * for readers and hold up the ones behind it.
 */
export type Version = { readonly schema: string; readonly version: number }

/** Makes the registry, and the first version's tables when there is none. Several workers may do so at once. */
export async function prepareVersions(pool: Pool, projection: Projection, partitions: number): Promise<Version> {
  return inTransaction(pool, async (client) => {
    await client.query(`select pg_advisory_xact_lock(hashtextextended('projection registry', 0))`)
    await makeRegistry(client).catch(tellWhoMayMake)
    const live = await findVersion(client, projection, 'live')
    if (live) return checkPartitions(client, live, partitions)
    const schema = await createVersion(client, projection, partitions, 'live')
    for (const statement of projection.indexes(schema)) await client.query(statement)
    return { schema, version: projection.version }
  })
}

/** With the leases of those who follow: their role makes no table where roles are split. */
async function makeRegistry(client: ClientBase): Promise<void> {
  await client.query(`create schema if not exists projection; ${checkpointTables} ${failureTable}`)
  const leases = { prefix: 'projection.' }
  if (!(await isLeaseTableMade(client, leases))) await client.query(statementsOfLeaseTable(leases))
}

export async function findVersion(
  client: Pick<ClientBase, 'query'>,
  projection: Projection,
  state: 'live' | 'building',
) {
  const found = await client.query<{ schema_name: string; version: number }>(
    'select schema_name, version from projection.version where service = $1 and name = $2 and state = $3',
    [projection.service, projection.name, state],
  )
  const row = found.rows[0]
  return row ? { schema: row.schema_name, version: row.version } : undefined
}

/** A new version's empty tables and its checkpoints at the start of the log. */
export async function createVersion(
  client: ClientBase,
  projection: Projection,
  partitions: number,
  state: 'live' | 'building',
): Promise<string> {
  const next = await client.query<{ generation: string }>(`select nextval('projection.generation') as generation`)
  const schema = `${projection.name}_v${projection.version}_${next.rows[0]?.generation}`
  await client.query(`create schema ${schema}`)
  await projection.createTables(client, schema)
  await client.query(
    'insert into projection.version (schema_name, service, name, version, state) values ($1, $2, $3, $4, $5)',
    [schema, projection.service, projection.name, projection.version, state],
  )
  await client.query(
    'insert into projection.checkpoint (schema_name, partition) select $1, generate_series(0, $2::int - 1)',
    [schema, partitions],
  )
  return schema
}

/** Drops the versions in a state, but for the newest `keep` of them. */
export async function dropVersions(
  client: ClientBase,
  projection: Projection,
  state: 'building' | 'retired',
  keep = 0,
): Promise<string[]> {
  const found = await client.query<{ schema_name: string }>(
    `select schema_name from projection.version where service = $1 and name = $2 and state = $3
     order by made_at desc offset $4`,
    [projection.service, projection.name, state, keep],
  )
  for (const { schema_name } of found.rows) {
    await client.query('delete from projection.version where schema_name = $1', [schema_name])
    await client.query(`drop schema if exists ${schema_name} cascade`)
  }
  return found.rows.map((row) => row.schema_name)
}

/**
 * What a process that died was building goes; a version that it was going back to is retired again. Answers those that
 * went; that one was broken off is kept as a failure.
 */
export async function settleUnfinished(client: ClientBase, projection: Projection): Promise<string[]> {
  await noteUnfinished(client, projection)
  await client.query(
    `update projection.version set state = 'retired'
     where service = $1 and name = $2 and state = 'building' and switched_at is not null`,
    [projection.service, projection.name],
  )
  return dropVersions(client, projection, 'building')
}

/**
 * Makes the version that was built the live one, if nothing but the state changes: see rebuild.ts for what must hold
 * before.
 */
export async function switchVersions(client: ClientBase, from: string, to: string): Promise<void> {
  await client.query(`update projection.version set state = 'retired' where schema_name = $1`, [from])
  await client.query(`update projection.version set state = 'live', switched_at = now() where schema_name = $1`, [to])
  await forgetFailure(client, to)
}

async function checkPartitions(client: ClientBase, live: Version, partitions: number): Promise<Version> {
  const counted = await client.query<{ count: string }>(
    'select count(*) as count from projection.checkpoint where schema_name = $1',
    [live.schema],
  )
  const known = Number(counted.rows[0]?.count)
  if (known === partitions) return live
  throw new Error(`the read model has ${known} partitions and the log ${partitions}: it is of another ledger`)
}
