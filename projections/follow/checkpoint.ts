import { type FoldState, readFold, storeFold } from '@micropay/event-log/fold-state'
import type { ClientBase, Pool } from 'pg'
import type { Parameter } from '../projection.ts'
import { statementOf } from '../write/statement.ts'

/**
 * Moves the checkpoint from the offset `from` to `to`, or throws CheckpointMovedError when another worker did. It is
 * the first statement of the transaction that writes the rows: it locks the checkpoint, so the rows of one partition
 * have one writer.
 */
export async function swapCheckpoint(client: ClientBase, move: CheckpointMove): Promise<void> {
  const moved = await client.query(statementOf('swap-checkpoint', (parameter) => swapIn(move, parameter)))
  if (moved.rowCount !== 1) throw movedByAnother(move)
}

export function movedByAnother({ schema, to }: CheckpointMove): CheckpointMovedError {
  return new CheckpointMovedError(`another worker moved ${schema}, partition ${to.partition}`)
}

/**
 * The same as a part of a larger statement. Times are the database's own, so that workers and readers with clocks
 * apart agree on an age.
 */
export function swapIn(move: CheckpointMove, parameter: Parameter): string {
  const { schema, from, to, caughtUpAgoMs, ratePerSecond } = move
  // Code of before reads it, should people go back.
  const genesis = from === 0n && to.genesis ? JSON.stringify(to.genesis) : null
  return `update projection.checkpoint set log_offset = ${parameter(to.offset)}, epoch = ${parameter(to.epoch)},
      claim_id = ${parameter(to.claimId)}, seq = ${parameter(to.seq)}, hash = ${parameter(to.hash)},
      genesis = coalesce(${parameter(genesis)}, genesis),
      fold = ${parameter(JSON.stringify(storeFold(to)))}, voids = ${parameter(to.voids)}, rate_per_second = ${parameter(ratePerSecond)}, stopped = null, caught_up_at =
        greatest(caught_up_at, clock_timestamp() - ${parameter(caughtUpAgoMs ?? null)}::float8 * interval '1 ms')
    where schema_name = ${parameter(schema)} and partition = ${parameter(to.partition)}
      and log_offset = ${parameter(from)}`
}

export type CheckpointMove = {
  readonly schema: string
  readonly from: bigint
  readonly to: FoldState
  /** How long ago the log's end was where this move gets to; undefined when that is not known. */
  readonly caughtUpAgoMs: number | undefined
  readonly ratePerSecond: number
}

export class CheckpointMovedError extends Error {
  readonly code = 'checkpoint_moved'
}

export const checkpointTables = `
  create table if not exists projection.version (
    schema_name text primary key,
    service text not null,
    name text not null,
    version int not null,
    state text not null check (state in ('live', 'building', 'retired')),
    made_at timestamptz not null default now(),
    switched_at timestamptz
  );
  create unique index if not exists version_one_live on projection.version (service, name) where state = 'live';
  create unique index if not exists version_one_building on projection.version (service, name) where state = 'building';
  create sequence if not exists projection.generation;
  create table if not exists projection.checkpoint (
    schema_name text not null references projection.version on delete cascade,
    partition int not null,
    log_offset int8 not null default 0,
    epoch int8 not null default 0,
    claim_id text not null default '',
    seq int8 not null default 0,
    hash text not null default '',
    genesis jsonb,
    voids int8 not null default 0,
    caught_up_at timestamptz,
    rate_per_second float4 not null default 0,
    stopped text,
    primary key (schema_name, partition)
  ) with (fillfactor = 50);
  alter table projection.checkpoint add column if not exists fold jsonb, add column if not exists given_up_by int8;
  create or replace function projection.state_of(text) returns text language sql volatile as
    'select state from projection.version where schema_name = $1';`

export type CheckpointRow = {
  log_offset: string
  epoch: string
  claim_id: string
  seq: string
  hash: string
  genesis: unknown
  voids: string
  fold: unknown
}

/** Where a version stands on a partition: the fold's state, to go on from. */
export async function loadCheckpoint(pool: Pool, schema: string, partition: number): Promise<FoldState> {
  const found = await pool.query<CheckpointRow>(
    `select log_offset, epoch, claim_id, seq, hash, genesis, voids, fold from projection.checkpoint
     where schema_name = $1 and partition = $2`,
    [schema, partition],
  )
  const row = found.rows[0]
  if (!row) throw new CheckpointMovedError(`${schema} has no partition ${partition}: it was dropped`)
  return foldOfCheckpoint(row, partition)
}

/** The fold that a row of `projection.checkpoint` keeps. */
export function foldOfCheckpoint(row: CheckpointRow, partition: number): FoldState {
  const fold = row.fold === null ? undefined : readFold(row.fold)
  return fold?.offset === BigInt(row.log_offset) ? fold : readFold(foldOfEarlier(row, partition))
}

/**
 * Code of before kept the fold in columns alone. Where people went back to it for a while, what the newer code had kept
 * besides is behind them.
 */
function foldOfEarlier(row: CheckpointRow, partition: number) {
  return {
    partition,
    ...(row.genesis === null ? {} : { genesis: row.genesis }),
    ...{ epoch: Number(row.epoch), claimId: row.claim_id, seq: Number(row.seq), hash: row.hash },
    ...{ offset: row.log_offset, voids: Number(row.voids) },
  }
}

/** That `offset` was the log's end so many milliseconds ago. */
export type CaughtUp = {
  readonly schema: string
  readonly partition: number
  readonly offset: bigint
  readonly agoMs: number
  readonly ratePerSecond: number
}

/**
 * Changes no checkpoint that has moved on, or is being moved: what holds one of them up is not to hold up the others,
 * and it is soon said again.
 */
export async function noteCaughtUp(pool: Pool, caughtUp: readonly CaughtUp[]): Promise<void> {
  await pool.query({
    name: 'note-caught-up',
    text: `with told as (
             select * from unnest($1::text[], $2::int[], $3::int8[], $4::float8[], $5::float4[])
               as told (schema_name, partition, log_offset, ago_ms, rate_per_second)
           ), there as (
             select told.* from told join projection.checkpoint
               using (schema_name, partition, log_offset) for no key update of checkpoint skip locked
           )
           update projection.checkpoint set rate_per_second = there.rate_per_second, stopped = null,
             caught_up_at = greatest(caught_up_at, clock_timestamp() - there.ago_ms * interval '1 ms')
           from there where checkpoint.schema_name = there.schema_name and checkpoint.partition = there.partition`,
    values: [
      caughtUp.map(({ schema }) => schema),
      caughtUp.map(({ partition }) => partition),
      caughtUp.map(({ offset }) => offset),
      caughtUp.map(({ agoMs }) => agoMs),
      caughtUp.map(({ ratePerSecond }) => ratePerSecond),
    ],
  })
}

export async function noteStopped(pool: Pool, schema: string, partition: number, reason: string): Promise<void> {
  await pool.query(
    'update projection.checkpoint set stopped = $3, rate_per_second = 0 where schema_name = $1 and partition = $2',
    [schema, partition, reason],
  )
}
