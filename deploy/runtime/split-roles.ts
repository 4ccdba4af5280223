import { type Clock, systemClock } from './clock.ts'
import type { Logger } from './logger.ts'
import { openConnection } from './pool.ts'

/**
 * Asks once, as soon as each database answers, whether the role of its address may change or drop what it only works
 * with, and warns of it. Answers a function that says for whom it is so, for people who look at the settings: whoever
 * gets into such a service could take off what protects a record.
 */
export function watchRoles(
  addresses: Readonly<Record<string, string | undefined>>,
  log: Pick<Logger, 'warn'>,
  clock: Clock = systemClock,
): () => readonly string[] {
  const notices: string[] = []
  const watch = async (variable: string, url: string) => {
    for (;;) {
      const role = await ownerAt(url).catch(() => undefined)
      if (role === false) return
      if (role !== undefined) {
        notices.push(`${variable}: the role ${role} ${ADVICE}`)
        log.warn({ variable, role }, 'the roles of a database are not split: this one may change and drop what is kept')
        return
      }
      await clock.sleep(AGAIN_AFTER_MS)
    }
  }
  for (const [variable, url] of Object.entries(addresses)) if (url !== undefined) void watch(variable, url)
  return () => notices
}

const ADVICE =
  'may change and drop the tables that it works with: split the roles (docs/operations.md#roles-of-the-databases)'

/** While the database does not answer, or has none of the tables yet. */
const AGAIN_AFTER_MS = 10_000

/** The role, if it owns a table of ours or all of the server; false if it does not; undefined while there is none. */
async function ownerAt(url: string): Promise<string | false | undefined> {
  const { client } = openConnection(url, { application_name: 'roles', statement_timeout: 2_000 })
  try {
    await client.connect()
    const { rows } = await client.query<{ role: string; owns: boolean | null }>(whoOwns)
    const [row] = rows
    if (!row || row.owns === null) return undefined
    return row.owns && row.role
  } finally {
    client.end().catch(() => undefined)
  }
}

const whoOwns = `
  select current_user as role, bool_or(pg_has_role(relowner, 'usage')) as owns
  from pg_class join pg_namespace on pg_namespace.oid = relnamespace
  where relkind = 'r' and (nspname in ('event_log', 'audit', 'projection') or relname = 'lease')`
