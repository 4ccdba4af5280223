type Ask = (text: string) => Promise<readonly Record<string, unknown>[]>

/**
 * Whether an owner makes the tables that the audit keeps beside the index of its projection, since the role that asks
 * may make none: then they have to be there, and nobody who runs as this role takes off what protects them. Throws an
 * Error where they are not, or are not those of this code.
 */
export async function isMadeByOwner(ask: Ask): Promise<boolean> {
  const [row] = await ask(whatIsThere)
  if (row?.may_make !== false) return false
  if (row.is_made !== true) throw new Error(NOT_MADE)
  return true
}

/** No row where there is no schema yet. The last column of each table stands for all of them. */
const whatIsThere = `
  select has_schema_privilege(oid, 'create') as may_make, to_regclass('audit.lease') is not null
    and exists (select from pg_attribute where attrelid = to_regclass('audit.access') and attname = 'asked')
    and exists (select from pg_attribute where attrelid = to_regclass('audit.verification') and attname = 'tenant')
    and exists (
      select from pg_trigger
      where tgrelid = to_regclass('audit.access') and tgname = 'access_append_only' and tgenabled <> 'D'
    ) as is_made
  from pg_namespace where nspname = 'audit'`

const NOT_MADE =
  'the tables of the audit are not made, or not those of this code, and its role makes none: ' +
  'run deploy/cli/databases/main.ts, as docs/operations.md#roles-of-the-databases says'
