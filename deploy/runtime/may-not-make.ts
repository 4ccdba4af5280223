import { DatabaseError } from 'pg'

/** SQLSTATE insufficient_privilege. */
const NOT_ALLOWED = '42501'

/**
 * Throws the error on, and where a role was not allowed to make a table or to change one, with who is: the role that a
 * service runs as makes none where roles are split (docs/operations.md).
 */
export function tellWhoMayMake(error: unknown): never {
  if (!(error instanceof DatabaseError) || error.code !== NOT_ALLOWED) throw error
  throw new Error(`${error.message}: ${ADVICE}`, { cause: error })
}

const ADVICE =
  'what the service needs is not made in its database, and its role makes no tables. ' +
  'Run deploy/cli/databases/main.ts, as docs/operations.md#roles-of-the-databases says'
