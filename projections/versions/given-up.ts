import type { EventLog } from '@micropay/event-log/event-log'
import { foldLog } from '@micropay/event-log/fold-log'
import { type FoldState, initialFold } from '@micropay/event-log/fold-state'
import { compareHistory } from '@micropay/event-log/history'
import { formatPosition } from '@micropay/schemas/position'
import { loadCheckpoint } from '../follow/checkpoint.ts'
import type { FollowSource } from '../follow/follow-run.ts'
import type { Projection, Queryable } from '../projection.ts'

/**
 * Notes at every version of the projection, live or retired, that it was built on a history which a resume has given
 * up. The log is asked once a version, since only that tells: what is noted stays.
 */
export async function noteGivenUp(
  { pool, projection, log }: Pick<FollowSource, 'pool' | 'projection' | 'log'>,
  signal: AbortSignal,
): Promise<void> {
  const found = await pool.query<{ schema_name: string; partition: number }>(
    `select schema_name, partition from projection.version join projection.checkpoint using (schema_name)
     where service = $1 and name = $2 and state <> 'building' and given_up_by is null order by schema_name, partition`,
    [projection.service, projection.name],
  )
  for (const { schema_name, partition } of found.rows) {
    const fold = await loadCheckpoint(pool, schema_name, partition)
    const { kind } = await compareHistory(log, fold, signal)
    if (kind !== 'resumed') continue
    await pool.query('update projection.checkpoint set given_up_by = $3 where schema_name = $1 and partition = $2', [
      ...[schema_name, partition],
      await resumeAbove(log, fold, signal),
    ])
  }
}

/** The first resume above all that a fold knew: it went on from somewhere else. */
async function resumeAbove(log: EventLog, { partition, seq }: FoldState, signal: AbortSignal): Promise<number | null> {
  let above: number | null = null
  await foldLog(log, initialFold(partition), {
    ...{ signal, until: await log.end(partition) },
    each: (folded) => {
      if (folded.kind === 'resumed' && folded.state.seq > seq) above = folded.state.seq
      return above !== null
    },
  })
  return above
}

/** Why nobody goes back to a version; undefined where nothing is known against it. */
export async function givenUpText(client: Queryable, schema: string): Promise<string | undefined> {
  const { rows } = await client.query<{ partition: number; given_up_by: string }>(
    `select partition, given_up_by from projection.checkpoint
     where schema_name = $1 and given_up_by is not null order by partition`,
    [schema],
  )
  const [first] = rows
  if (!first) return undefined
  const resume = formatPosition({ partition: first.partition, seq: Number(first.given_up_by) })
  return `${schema} is built on a history before the resume at ${resume}, which a person has given up`
}

/** The newest retired version of this code that nothing is known against. */
export async function newestToGoBackTo(client: Queryable, projection: Projection) {
  const { rows } = await client.query<{ schema_name: string }>(
    `select schema_name from projection.version where service = $1 and name = $2 and version = $3 and state = 'retired'
     order by made_at desc`,
    [projection.service, projection.name, projection.version],
  )
  let refused: string | undefined
  for (const { schema_name: schema } of rows) {
    const reason = await givenUpText(client, schema)
    if (reason === undefined) return { kind: 'found', schema } as const
    refused ??= reason
  }
  return { kind: 'none', refused } as const
}
