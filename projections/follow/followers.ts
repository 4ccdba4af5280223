import type { Clock } from '@micropay/runtime/clock'
import { gathered } from '@micropay/runtime/gathered'
import type { Pool } from 'pg'
import { type CaughtUp, noteCaughtUp } from './checkpoint.ts'
import { createTurns } from './in-turn.ts'

/** What those who follow on one pool do together, however many partitions they follow. */
export type Followers = {
  /** Does work that may take seconds, such as a large transaction. */
  inTurn(work: () => Promise<void>): Promise<void>
  /** Says that a checkpoint was at the log's end. */
  noteCaughtUp(caughtUp: CaughtUp): Promise<void>
  /** Undefined for a version that is there no more. */
  stateOf(schema: string): Promise<string | undefined>
  /** The versions whose statistics are being gathered. */
  readonly analyzing: Set<string>
}

export function openFollowers(pool: Pool, clock: Clock): Followers {
  const note = gathered(clock, async (caughtUp: readonly CaughtUp[]) => {
    await noteCaughtUp(pool, caughtUp)
    return new Map<CaughtUp, undefined>()
  })
  return {
    inTurn: createTurns(pool.options.max),
    noteCaughtUp: (caughtUp) => note(caughtUp),
    stateOf: gathered(clock, (schemas: readonly string[]) => statesOf(pool, schemas)),
    analyzing: new Set(),
  }
}

async function statesOf(pool: Pool, schemas: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const { rows } = await pool.query<{ schema_name: string; state: string }>(
    'select schema_name, state from projection.version where schema_name = any($1::text[])',
    [schemas],
  )
  return new Map(rows.map(({ schema_name, state }) => [schema_name, state]))
}
