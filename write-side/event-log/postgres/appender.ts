import assert from 'node:assert/strict'
import type { ClientBase, Pool } from 'pg'
import { type Appended, type Appender, LogError, missingRecord, type NewRecord } from '../event-log.ts'
import { appendUnknown, unavailable } from '../outage.ts'
import type { GroupAppends } from './group-append.ts'
import { endsOf, missingPartition } from './tables.ts'

/**
 * Appends to one partition, together with what others append just then (group-append.ts); an appender whose append
 * failed is used no more.
 */
export async function openPostgresAppender(pool: Pool, partition: number, appends: GroupAppends): Promise<Appender> {
  let broken: Error | undefined
  let isFirst = true
  const closing = new AbortController()
  try {
    if (!(await endsOf(pool, [partition])).has(partition)) throw missingPartition(partition)
  } catch (cause) {
    throw unavailable('PostgreSQL', cause)
  }
  async function append(records: readonly NewRecord[]): Promise<Appended> {
    if (broken) throw broken
    const appended = await appends.append({ partition, records, isFirst }, closing.signal)
    isFirst = false
    if (appended === undefined) throw missingPartition(partition)
    if (appended.behind !== undefined || appended.offset === 0n) return appended
    return { ...appended, behind: await digestAt(pool, partition, appended.offset - 1n) }
  }
  return {
    append: async (records) => {
      assert(records.length > 0, 'an append holds at least one record')
      try {
        return await append(records)
      } catch (cause) {
        broken ??= cause instanceof Error ? cause : new Error(String(cause))
        throw cause instanceof LogError ? cause : appendUnknown('PostgreSQL', partition, cause)
      }
    },
    close: async () => {
      broken ??= new Error('the appender is closed')
      closing.abort()
    },
  }
}

/**
 * The statement that appends does not see the record before its own where another appender wrote that after it had
 * begun; a statement that begins later does, or the record was lost.
 */
async function digestAt(client: ClientBase | Pool, partition: number, offset: bigint): Promise<string | undefined> {
  const { rows } = await client.query<{ digest: string }>(
    `select encode(sha256(value), 'hex') as digest from event_log.records where partition = $1 and "offset" = $2`,
    [partition, offset],
  )
  if (!rows[0]) throw missingRecord(partition, offset)
  return rows[0].digest
}
