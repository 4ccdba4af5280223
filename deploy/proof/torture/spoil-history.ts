import { Client } from 'pg'

/** What was taken from the log, to be put back. */
export type Taken = {
  readonly fromOffset: bigint
  readonly records: readonly Kept[]
  /** The offset behind them. */
  readonly end: bigint
  /** Whether the log ended before them then. */
  readonly wasCut: boolean
}
type Kept = { readonly offset: string; readonly key: string; readonly value: Buffer }

/**
 * Takes the newest records out of the log in PostgreSQL, all of them (`emptied`), or turns a byte of the one that many
 * records before its end: as a restore of an older backup does, and as somebody who wants another history.
 */
export async function spoilHistory(
  databaseUrl: string,
  how: 'truncated' | 'emptied' | 'changed',
  records: number,
): Promise<Taken> {
  return withClient(databaseUrl, async (client) => {
    await client.query('begin')
    const counter = await client.query<{ next_offset: string }>(
      'select next_offset from event_log.partitions where partition = 0 for update',
    )
    const end = BigInt(counter.rows[0]?.next_offset ?? 0)
    const back = how === 'emptied' ? end : BigInt(Math.min(records, Number(end) - 1))
    const fromOffset = how === 'changed' ? await commitOffset(client, records) : end - back
    const upTo = how === 'changed' ? fromOffset + 1n : end
    const taken = await client.query<Kept>(
      `select "offset"::text, key, value from event_log.records
       where partition = 0 and "offset" >= $1 and "offset" < $2 order by "offset"`,
      [fromOffset, upTo],
    )
    if (taken.rows.length === 0) throw new Error('the log holds nothing that could be spoiled')
    if (how === 'changed') {
      await client.query('update event_log.records set value = $2 where partition = 0 and "offset" = $1', [
        fromOffset,
        turned(taken.rows[0]?.value ?? Buffer.alloc(0)),
      ])
    } else {
      await client.query('delete from event_log.records where partition = 0 and "offset" >= $1', [fromOffset])
      await client.query('update event_log.partitions set next_offset = $1 where partition = 0', [fromOffset])
    }
    await client.query('commit')
    return { fromOffset, records: taken.rows, end: upTo, wasCut: how !== 'changed' }
  })
}

/** Puts back what was taken; what was appended in its place is removed, and counted. */
export async function restoreHistory(databaseUrl: string, taken: Taken): Promise<number> {
  const { fromOffset, records, end } = taken
  return withClient(databaseUrl, async (client) => {
    await client.query('begin')
    await client.query('select 1 from event_log.partitions where partition = 0 for update')
    const removed = await client.query(
      'delete from event_log.records where partition = 0 and "offset" >= $1 and ("offset" < $2 or $3)',
      [fromOffset, end, taken.wasCut],
    )
    for (const { offset, key, value } of records) {
      await client.query('insert into event_log.records values (0, $1, $2, $3)', [offset, key, value])
    }
    if (taken.wasCut) {
      await client.query('update event_log.partitions set next_offset = $1 where partition = 0', [end])
    }
    await client.query('commit')
    return taken.wasCut ? (removed.rowCount ?? 0) : 0
  })
}

/** Where the commit stands that is that many before the end. */
async function commitOffset(client: Client, records: number): Promise<bigint> {
  const { rows } = await client.query<{ at: string }>(
    `select "offset"::text as at from event_log.records
     where partition = 0 and position('micropay.commit.v1'::bytea in value) > 0
     order by "offset" desc offset $1 limit 1`,
    [records - 1],
  )
  if (rows[0] === undefined) throw new Error('the log does not hold so many commits')
  return BigInt(rows[0].at)
}

/** Another digit in an amount where there is one, so that the record is still one that can be read. */
function turned(value: Buffer): Buffer {
  const text = value.toString('utf8')
  const changed = text.replace(/"amount":"([0-9]+)"/, (_, amount: string) => `"amount":"${BigInt(amount) + 1n}"`)
  if (changed !== text) return Buffer.from(changed)
  const bytes = Buffer.from(value)
  const at = bytes.byteLength >> 1
  bytes[at] = (bytes[at] ?? 0) ^ 1
  return bytes
}

async function withClient<Result>(url: string, work: (client: Client) => Promise<Result>): Promise<Result> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000, query_timeout: 10_000 })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}
