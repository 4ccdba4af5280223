/**
 * Whether a query failed because what it reads is not there: SQLSTATE 42P01 undefined_table, 3F000 invalid_schema_name,
 * and 42703 undefined_column. There is no read model yet, or its live version is of a newer code than this one, which
 * has left the column out.
 */
export function isMissingTable(error: unknown): boolean {
  return error instanceof Error && 'code' in error && missing.has(String(error.code))
}

const missing: ReadonlySet<string> = new Set(['42P01', '3F000', '42703'])

/** Whether a database is out of reach, full, or shutting down. */
export function isUnreachable(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if ('code' in error && unreachable.test(String(error.code))) return true
  return saysNothing.test(error.message)
}

/** How node-postgres names a connection that does not answer, or that was dropped since it did not. */
const saysNothing =
  /^(?:Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client (?:was closed|has enc))/

/** Classes of SQLSTATE, and the errors of sockets. */
const unreachable = /^(?:08|53|57)|^E[A-Z]+$/
