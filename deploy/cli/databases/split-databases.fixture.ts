import { testPostgres } from '@micropay/local/stores/test-services'
import { createLogger } from '@micropay/runtime/logger'
import { freshName } from '@micropay/runtime/test-database.fixture'
import { Client } from 'pg'
import { makeDatabases } from './make-databases.ts'
import { databasesIn, purposes } from './purposes.ts'

export type SplitDatabases = {
  /** By the variables of the program. */
  readonly addresses: Readonly<Record<string, string>>
  /** Of a superuser, in the database that an address names. */
  admin(variable: string): string
  make(log?: Parameters<typeof makeDatabases>[2]): Promise<void>
  close(): Promise<void>
}

/** Addresses of databases and roles that are not there yet, all of them on the server of the tests. */
export async function splitDatabases(): Promise<SplitDatabases> {
  const server = await testPostgres()
  const base = freshName('split').replaceAll('-', '_')
  const addresses = Object.fromEntries(Object.keys(purposes).map((variable) => [variable, addressOf(variable)]))
  function addressOf(variable: string): string {
    const database = `${base}_${/^[A-Z]+/.exec(variable)?.[0].toLowerCase()}`
    const role = /^[A-Z]+_(BUILD|READ|TELL)_/.exec(variable)?.[1]?.toLowerCase() ?? 'run'
    return Object.assign(new URL(server.url), {
      ...{ username: `${database}_${role}`, password: `of ${role}`, pathname: `/${database}` },
    }).href
  }
  const wanted = databasesIn(addresses)
  return {
    addresses,
    admin: (variable) => Object.assign(new URL(server.url), { pathname: new URL(addressOf(variable)).pathname }).href,
    make: (log = createLogger('test', 'silent')) => makeDatabases(server.url, wanted, log),
    async close() {
      const client = new Client(server.url)
      await client.connect()
      for (const { name } of wanted) await client.query(`drop database if exists "${name}" with (force)`)
      for (const { owner, roles } of wanted) {
        for (const { name } of [...roles, { name: owner }]) await client.query(`drop role if exists "${name}"`)
      }
      await client.end()
      await server.close()
    },
  }
}

/** Asks as whom the address names: undefined, or the SQLSTATE of the refusal. */
export async function asked(url: string, statement: string): Promise<string | undefined> {
  const client = new Client(url)
  try {
    await client.connect()
    // Whoever asks within a transaction is told that alone.
    if (!statement.startsWith('drop database')) await client.query('begin')
    await client.query(statement)
    return undefined
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error)
  } finally {
    await client.end()
  }
}

/** What the superuser is told, each row as a text. */
export async function rowsAs(url: string, statement: string): Promise<readonly string[]> {
  const client = new Client(url)
  await client.connect()
  try {
    const { rows } = await client.query({ text: statement, rowMode: 'array' })
    return rows.map((row: unknown[]) => row.join(' '))
  } finally {
    await client.end()
  }
}
