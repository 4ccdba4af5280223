import { type Client, run } from './on-database.ts'
import type { WantedDatabase } from './purposes.ts'

/**
 * Gives what is MicroPay's in a database to whom it belongs, whoever made it: read models to the role that builds them,
 * and all else to the owner. Answers what changed hands; what belongs to them already is not locked.
 */
export async function takeOver(client: Client, { owner, roles }: WantedDatabase): Promise<readonly string[]> {
  const builder = roles.find(({ purposes }) => purposes.includes('build'))?.name
  const { rows } = await client.query<Found>(ours, [owner, builder ?? owner, tablesInPublic])
  for (const { kind, name, wanted } of rows) await run(client, `alter ${kind} ${name} owner to %I`, wanted)
  return rows.map(({ kind, name }) => `${kind} ${name}`)
}

/** MicroPay's tables and sequences in the schema public, where there may be others' too. */
export const tablesInPublic = ['lease', 'lease_notice', 'lease_term', 'parked_message', 'parked_more']

type Found = { readonly kind: string; readonly name: string; readonly wanted: string }

/**
 * Schemas first, then what is in them. Indexes and the sequences of identity columns go with their tables. A version of
 * a read model has a schema of its own, which the registry names; one that was being built has a name like it.
 */
const ours = `
  with schema as (
    select oid, nspname, nspowner,
      case when nspname in ('event_log', 'audit', 'public') then $1 else $2 end as wanted
    from pg_namespace
    where nspname in ('event_log', 'audit', 'projection', 'public') or nspname ~ '^[a-z]+_v[0-9]+_[0-9]+$'
  ), held as (
    select 1 as step, 'schema' as kind, format('%I', nspname) as name, nspowner as held_by, wanted
    from schema where nspname <> 'public'
    union all
    select 2, case relkind when 'S' then 'sequence' else 'table' end, format('%I.%I', nspname, relname), relowner,
      wanted
    from pg_class join schema on schema.oid = relnamespace
    where relkind in ('r', 'S') and (nspname <> 'public' or relname = any($3))
      and not exists (
        select from pg_depend where classid = 'pg_class'::regclass and objid = pg_class.oid and deptype = 'i'
          and relkind = 'S'
      )
    union all
    select 3, 'function', pg_proc.oid::regprocedure::text, proowner, wanted
    from pg_proc join schema on schema.oid = pronamespace where nspname <> 'public'
  )
  select kind, name, wanted from held where pg_get_userbyid(held_by) <> wanted order by step, name`
