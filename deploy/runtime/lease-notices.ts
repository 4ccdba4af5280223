import type { Pool } from 'pg'
import type { LeaseTable } from './lease-table.ts'
import { NOTICE_MS, type Notice } from './leases.ts'

/** What owners say to each other under the name of a lease, in the table that `prepareLeaseTable` makes. */
export async function tellNotice(
  pool: Pool,
  { prefix }: LeaseTable,
  name: string,
  { ownerId, text }: Notice,
): Promise<void> {
  await pool.query(
    `insert into ${prefix}lease_notice (name, owner_id, text, until) values ($1, $2, $3, now() + $4 * interval '1 ms')
     on conflict (name, owner_id) do update set text = excluded.text, until = excluded.until`,
    [name, ownerId, text, NOTICE_MS],
  )
}

export async function toldNotices(pool: Pool, { prefix }: LeaseTable, name: string): Promise<Notice[]> {
  const { rows } = await pool.query<{ owner_id: string; text: string }>(
    `select owner_id, text from ${prefix}lease_notice where name = $1 and until > now() order by owner_id`,
    [name],
  )
  return rows.map(({ owner_id: ownerId, text }) => ({ ownerId, text }))
}
