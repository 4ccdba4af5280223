import type { FoldState } from '@micropay/event-log/fold-state'
import { inTransaction } from '@micropay/runtime/transaction'
import { formatPosition } from '@micropay/schemas/position'
import type { ClientBase, Pool } from 'pg'
import type { Projection, WriteChanges } from '../projection.ts'
import { valuesOf } from '../write/row-key.ts'
import { statementOf } from '../write/statement.ts'
import { type CheckpointMove, movedByAnother, swapCheckpoint, swapIn } from './checkpoint.ts'

/**
 * Writes what was folded and its checkpoint in one transaction, and tells listeners what changed when this version is
 * the live one. Answers the version's state, so that the caller sees at once that a rebuild has replaced it.
 */
export async function applyBatch(
  pool: Pool,
  target: BatchTarget,
  batch: Batch,
  move: Omit<CheckpointMove, 'from' | 'to'>,
): Promise<VersionState> {
  const { parts } = batch.changes
  const moved = { ...move, from: batch.from.offset, to: batch.to }
  return parts ? applyInOne(pool, target, batch, moved, parts) : applyInTransaction(pool, target, batch, moved)
}

/**
 * A batch of a live version is some records, and each statement costs a turn to the database and back, which takes
 * longer than to write them: so all of it is one statement, which is a transaction of its own.
 */
async function applyInOne(
  pool: Pool,
  target: BatchTarget,
  batch: Batch,
  move: CheckpointMove,
  parts: NonNullable<WriteChanges['parts']>,
): Promise<VersionState> {
  const { told } = batch
  const statement = statementOf(`apply-${target.schema}${told ? '-traced' : ''}`, (parameter) => {
    const swap = swapIn(move, parameter)
    const written = parts(parameter).map((part, index) => `, written_${index} as (${part})`)
    const [schema, channel, payload] = [target.schema, target.projection.channel, payloadOf(batch)].map(parameter)
    const traces = told ? `pg_notify(${parameter(tracesOf(target))}, ${parameter(told)}),` : ''
    // A data-modifying WITH runs whether it is read or not, those that nothing reads last. Without a row that was
    // swapped, to divide by their count is the error that undoes all. The swap may have waited for a switch of
    // versions, which this statement's snapshot does not show: a volatile function looks anew.
    return `with swapped as (${swap} returning 1)${written.join('')}
      select ${traces} state, case when state = 'live' and ${payload}::text is not null
        then pg_notify(${channel}, ${payload}) end,
        set_config('synchronous_commit', 'off', true)
      from (select projection.state_of(${schema}) as state from (select count(*) as rows from swapped) as moved
        where 1 / moved.rows = 1 offset 0) as now`
  })
  const answer = await pool.query<{ state: VersionState | null }>(statement).catch((error: unknown) => {
    if (isDivisionByZero(error)) throw movedByAnother(move)
    throw error
  })
  return answer.rows[0]?.state ?? 'dropped'
}

/** SQLSTATE 22012 division_by_zero. */
function isDivisionByZero(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '22012'
}

async function applyInTransaction(
  pool: Pool,
  target: BatchTarget,
  batch: Batch,
  move: CheckpointMove,
): Promise<VersionState> {
  const work = async (client: ClientBase) => {
    await swapCheckpoint(client, move)
    await batch.changes.write(client)
    return notifyIfLive(client, target, batch)
  }
  // A crash of the database may lose the last transactions, rows and checkpoint alike: they are applied again from the
  // log.
  return inTransaction(pool, work, 'begin; set local synchronous_commit = off')
}

export type BatchTarget = { readonly projection: Projection; readonly schema: string }
export type VersionState = 'live' | 'building' | 'retired' | 'dropped'

/** What was folded between two states, and no more. */
export type Batch = {
  readonly from: FoldState
  readonly to: FoldState
  readonly records: number
  /** Of the records, those that count. */
  readonly commits: number
  readonly changes: WriteChanges
  /** Traces for those who are told of changes: see telemetry/told-traces.ts. */
  readonly told?: string
}

/** PostgreSQL takes payloads below 8,000 bytes. */
const MAX_PAYLOAD_BYTES = 7_900

/** The channel on which the traces of changes are told, before the changes are. */
function tracesOf({ projection }: BatchTarget): string {
  return `${projection.channel}_traces`
}

async function notifyIfLive(client: ClientBase, target: BatchTarget, batch: Batch): Promise<VersionState> {
  if (batch.told) await client.query('select pg_notify($1, $2)', [tracesOf(target), batch.told])
  const answer = await client.query<{ state: VersionState }>({
    name: 'notify-if-live',
    text: `select state, case when state = 'live' and $3::text is not null then pg_notify($2, $3) end
           from projection.version where schema_name = $1`,
    values: [target.schema, target.projection.channel, payloadOf(batch)],
  })
  return answer.rows[0]?.state ?? 'dropped'
}

/**
 * `0:1842 [["acme","ada:main","bob:main"]]`, of each tenant the accounts behind its name, or `0:1842 *` when they are
 * too many to name.
 */
function payloadOf({ to, commits, changes }: Batch): string | null {
  if (commits === 0) return null
  const { changed } = changes
  const position = formatPosition(to)
  // Each takes four bytes at least: thousands of them need not be written out to see that they are too many.
  if (4 * changed.length > MAX_PAYLOAD_BYTES) return `${position} *`
  const named = `${position} ${JSON.stringify(byTenant(changed))}`
  return Buffer.byteLength(named) <= MAX_PAYLOAD_BYTES ? named : `${position} *`
}

function byTenant(changed: readonly string[]): string[][] {
  const tenants = new Map<string, string[]>()
  for (const key of changed) {
    const [tenant = '', accountId = ''] = valuesOf(key)
    const named = tenants.get(tenant)
    if (named) named.push(accountId)
    else tenants.set(tenant, [tenant, accountId])
  }
  return [...tenants.values()]
}
