import { type Client, run } from './on-database.ts'
import type { Purpose, Role, WantedDatabase } from './purposes.ts'
import { tablesInPublic } from './take-over.ts'

/** `on` is a table, a sequence, or all tables of a schema. */
type Right = { readonly may: string; readonly on: string }

const ALL_ROWS = 'select, insert, update, delete'

/** The rights of each purpose on what the owner owns. Records of the log and accesses can be added, and that is all. */
const rights: Readonly<Record<Exclude<Purpose, 'build' | 'fill' | 'read'>, readonly Right[]>> = {
  'own leases': [
    { may: 'usage', on: 'schema public' },
    { may: ALL_ROWS, on: 'public.lease' },
    { may: ALL_ROWS, on: 'public.lease_notice' },
    { may: 'usage', on: 'sequence public.lease_term' },
    { may: ALL_ROWS, on: 'public.parked_message' },
    { may: ALL_ROWS, on: 'public.parked_more' },
  ],
  'tell workers': [
    { may: 'usage', on: 'schema public' },
    { may: ALL_ROWS, on: 'public.lease_notice' },
  ],
  'write log': [
    { may: 'usage', on: 'schema event_log' },
    { may: 'select, insert, update (next_offset)', on: 'event_log.partitions' },
    { may: 'select, insert', on: 'event_log.records' },
    { may: 'select, insert, delete', on: 'event_log.inbox' },
  ],
  'read log': [
    { may: 'usage', on: 'schema event_log' },
    { may: 'select', on: 'event_log.partitions' },
    { may: 'select', on: 'event_log.records' },
  ],
  audit: [
    { may: 'usage', on: 'schema audit' },
    { may: 'select, insert', on: 'audit.access' },
    { may: 'select, insert, delete', on: 'audit.verification' },
    { may: ALL_ROWS, on: 'audit.lease' },
    { may: ALL_ROWS, on: 'audit.lease_notice' },
    { may: 'usage', on: 'sequence audit.lease_term' },
  ],
}

/**
 * Rights that a role has no more are taken from it, and those that all roles have; those on the tables of read models
 * are of whoever builds them.
 */
export async function grantRights(client: Client, { roles }: WantedDatabase): Promise<void> {
  const builder = roles.find(({ purposes }) => purposes.includes('build'))?.name
  await revokeFromAll(client)
  for (const role of roles) {
    await revokeAll(client, role)
    if (builder && builder !== role.name) await revokeOnLater(client, builder, role)
    for (const purpose of role.purposes) {
      if (purpose === 'fill' && builder) await grantOnModels(client, builder, role, ALL_ROWS)
      if (purpose === 'read' && builder) await grantOnModels(client, builder, role, 'select')
      if (purpose === 'audit' && builder) await grantOnModels(client, builder, role, 'select')
      if (purpose === 'build' || purpose === 'fill' || purpose === 'read') continue
      for (const { may, on } of rights[purpose]) await run(client, `grant ${may} on ${on} to %I`, role.name)
    }
  }
}

/** In the schema public there may be what is not MicroPay's. */
async function revokeFromAll(client: Client): Promise<void> {
  const { rows } = await client.query<{ on: string }>(
    `
    with schema as (${allSchemas})
    select 'schema ' || schema as on from schema where schema <> 'public'
    union all
    select what || schema from schema, unnest(array['all tables in schema ', 'all sequences in schema ']) as what
    where schema <> 'public'
    union all
    select case relkind when 'S' then 'sequence ' else 'table ' end || oid::regclass from pg_class
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'S') and relname = any($1)`,
    [tablesInPublic],
  )
  for (const { on } of rows) await client.query(`revoke all on ${on} from public`)
}

async function revokeAll(client: Client, { name, purposes }: Role): Promise<void> {
  const schemas = purposes.includes('build') ? ownersSchemas : allSchemas
  const { rows } = await client.query<{ schema: string }>(schemas)
  for (const { schema } of rows) {
    await run(client, `revoke all on schema ${schema} from %I`, name)
    for (const what of ['tables', 'sequences']) {
      await run(client, `revoke all on all ${what} in schema ${schema} from %I`, name)
    }
  }
}

const ownersSchemas = `
  select format('%I', nspname) as schema from pg_namespace where nspname in ('event_log', 'audit', 'public')`
const allSchemas = `${ownersSchemas} or ${modelSchemas()}`

const later = 'alter default privileges for role %I'

/** What its builder makes from here on, which a role may have had rights on by a purpose that it has no more. */
async function revokeOnLater(client: Client, builder: string, { name }: Role): Promise<void> {
  for (const what of ['schemas', 'tables', 'sequences']) {
    await run(client, `${later} revoke all on ${what} from %I`, builder, name)
  }
}

/**
 * Rights on the read models that are there, and by themselves on each that its builder makes from here on: a rebuild
 * makes tables while services run.
 */
async function grantOnModels(client: Client, builder: string, { name }: Role, may: string): Promise<void> {
  const { rows } = await client.query<{ schema: string }>(
    `select format('%I', nspname) as schema from pg_namespace where ${modelSchemas()}`,
  )
  for (const { schema } of rows) {
    await run(client, `grant usage on schema ${schema} to %I`, name)
    await run(client, `grant ${may} on all tables in schema ${schema} to %I`, name)
    if (may !== 'select') await run(client, `grant usage on all sequences in schema ${schema} to %I`, name)
  }
  await run(client, `${later} grant usage on schemas to %I`, builder, name)
  await run(client, `${later} grant ${may} on tables to %I`, builder, name)
  if (may !== 'select') await run(client, `${later} grant usage on sequences to %I`, builder, name)
}

function modelSchemas(): string {
  return `nspname = 'projection' or nspname ~ '^[a-z]+_v[0-9]+_[0-9]+$'`
}
