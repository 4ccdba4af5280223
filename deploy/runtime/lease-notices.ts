import { DatabaseError, type Pool } from 'pg'
import { type LeaseTable, prepareLeaseTable } from './lease-table.ts'
import { NOTICE_MS, type Notice } from './leases.ts'

/** What is said under the name of a lease, a row for each who says it, in the table that `prepareLeaseTable` makes. */
export async function tellNotice(
  pool: Pool,
  table: LeaseTable,
  name: string,
  { ownerId, text }: Omit<Notice, 'isRepeated'>,
): Promise<void> {
  const client = await pool.connect()
  let failure: Error | undefined
  try {
    await prepareLeaseTable(client, table)
    // A process that is started again may have another name, and says the same.
    await client.query(
      `with gone as (
         delete from ${table.prefix}lease_notice where name = $1 and owner_id <> $2 and text = $3 and until < now()
       )
       insert into ${table.prefix}lease_notice (name, owner_id, text, until)
       values ($1, $2, $3, now() + $4 * interval '1 ms')
       on conflict (name, owner_id) do update set text = excluded.text, until = excluded.until`,
      [name, ownerId, text, NOTICE_MS],
    )
  } catch (error) {
    failure = error instanceof Error ? error : new Error(String(error))
    throw error
  } finally {
    client.release(failure)
  }
}

export async function toldNotices(pool: Pool, { prefix }: LeaseTable, name: string): Promise<Notice[]> {
  const { rows } = await pool
    .query<{ owner_id: string; text: string; is_repeated: boolean }>(
      `select owner_id, text, until > now() as is_repeated from (
         select * from ${prefix}lease_notice where name = $1 order by until desc limit ${MOST_NOTICES}
       ) as newest order by owner_id`,
      [name],
    )
    .catch((error: unknown) => {
      if (error instanceof DatabaseError && error.code === UNDEFINED_TABLE) return { rows: [] }
      throw error
    })
  return rows.map((row) => ({ ownerId: row.owner_id, text: row.text, isRepeated: row.is_repeated }))
}

/** Each is compared with the log, and is of another reader: no ledger has as many. */
const MOST_NOTICES = 100
/** Nobody ever said anything. */
const UNDEFINED_TABLE = '42P01'

export async function forgetNotice(
  pool: Pool,
  { prefix }: LeaseTable,
  name: string,
  { ownerId, text }: Notice,
): Promise<void> {
  await pool.query(`delete from ${prefix}lease_notice where name = $1 and owner_id = $2 and text = $3`, [
    name,
    ownerId,
    text,
  ])
}
