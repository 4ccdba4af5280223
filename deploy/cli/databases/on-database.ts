import { type Connection, openConnection } from '@micropay/runtime/pool'

export type Client = Connection['client']

/** A table of accesses with many rows is rewritten once, which may take long. */
const STATEMENT_MS = 3_600_000

export async function onDatabase(url: string, work: (client: Client) => Promise<void>): Promise<void> {
  const { client } = openConnection(url, { application_name: 'micropay databases', statement_timeout: STATEMENT_MS })
  await client.connect()
  await work(client).finally(() => client.end())
}

/** One statement with names and texts put in as `format` of PostgreSQL does: %I a name, %L a text. */
export async function run(client: Client, statement: string, ...parts: readonly string[]): Promise<void> {
  const places = parts.map((_, at) => `, $${at + 2}::text`).join('')
  const { rows } = await client.query<{ text: string }>(`select format($1${places}) as text`, [statement, ...parts])
  await client.query(rows[0]?.text ?? '')
}
