import { noticeText, partitionLease, readTold, type Told } from '@micropay/event-log/evidence'
import { type FoldState, readFold } from '@micropay/event-log/fold-state'
import { type CheckpointRow, foldOfCheckpoint } from '@micropay/projections/follow/checkpoint'
import { readModelName } from '@micropay/projections/follow/share-evidence'
import type { Clock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import { openLeases } from '@micropay/runtime/open-leases'
import { openPool } from '@micropay/runtime/pool'
import { InputError } from '@micropay/sdk/input-error'
import { type KeptState, openKeptState } from '@micropay/write-side/state/kept-state'
import type { KeptVerifications } from './kept-verifications.ts'

/** Where somebody who read the log says that it led: no position up to there may be given again. */
export type Known = { readonly who: string; readonly fold: FoldState }

export type KnownSources = {
  /** STATE_DIRECTORY of each worker. */
  readonly stateDirectories: readonly string[]
  /** The databases of the read models, by the names of their services. */
  readonly databases: Readonly<Record<string, string>>
  /** The database of the workers' leases, where who is stopped by evidence tells what it knows. */
  readonly leases?: string | undefined
  readonly verifications: KeptVerifications | undefined
}

export type KnownFolds = {
  readonly known: readonly Known[]
  readonly states: readonly Extract<KeptState, { kind: 'kept' }>[]
  /** What was asked and says nothing. */
  readonly notes: readonly string[]
  close(): Promise<void>
}

type Where = { readonly ledgerId: string; readonly partition: number }

/**
 * Asks all that keeps a fold of the partition. Throws InputError where a database cannot be asked: what it knows of
 * would be given again.
 */
export async function openKnownFolds(sources: KnownSources, where: Where, clock: Clock): Promise<KnownFolds> {
  const { ledgerId, partition } = where
  const known: Known[] = []
  const notes: string[] = []
  const states: Extract<KeptState, { kind: 'kept' }>[] = []
  for (const directory of sources.stateDirectories) {
    const state = await openKeptState(directory, { ledgerId, partition }, clock)
    if (state.kind === 'none') notes.push(`the state in ${directory} holds nothing of it`)
    else if (state.kind === 'of no use') notes.push(`the state in ${directory} is of no use: ${state.reason}`)
    else if (state.kind === 'of other code') {
      known.push({ who: `the state of other code in ${directory}`, fold: state.fold })
    } else {
      states.push(state)
      known.push({ who: `the state in ${directory}`, fold: state.fold })
    }
  }
  const asked = await askDatabases(sources, where, clock)
  if (asked.away.length > 0) {
    throw new InputError(`${asked.away[0]}; start it first, since positions that it knows must not be given again`)
  }
  known.push(...asked.known)
  notes.push(...asked.notes)
  const verified = sources.verifications?.of(partition)
  if (verified) known.push({ who: `micropay verify of ${verified.at}`, fold: verified.fold })
  return {
    ...{ known, states, notes },
    async close() {
      for (const state of states) await state.close()
    },
  }
}

/** What the read models, and those who told others of evidence, know; `away` are the databases that do not answer. */
export async function askDatabases(
  { databases, leases }: Pick<KnownSources, 'databases' | 'leases'>,
  where: Where,
  clock: Clock,
): Promise<Asked> {
  const known: Known[] = []
  const notes: string[] = []
  const away: string[] = []
  for (const [name, url] of Object.entries(databases)) {
    const folds = await foldsIn(url, where.partition).catch((error: unknown) => void away.push(isAway(name, error)))
    known.push(...(folds ?? []))
  }
  if (leases !== undefined) {
    const told = await toldIn(leases, where, clock).catch((error: unknown) => void away.push(isAway('leases', error)))
    const texts = new Set(known.map(({ fold }) => noticeText(fold)))
    for (const { notice, fold } of told ?? []) {
      if (!fold) notes.push(`what ${notice.ownerId} has told cannot be read`)
      else if (!texts.has(noticeText(fold))) known.push({ who: `what ${notice.ownerId} has told`, fold })
    }
  }
  return { known, notes, away }
}

type Asked = { readonly known: readonly Known[]; readonly notes: readonly string[]; readonly away: readonly string[] }

function isAway(name: string, error: unknown): string {
  return `the database of ${name} cannot be asked: ${error instanceof Error ? error.message : String(error)}`
}

async function toldIn(url: string, { ledgerId, partition }: Where, clock: Clock): Promise<readonly Told[]> {
  const leases = openLeases({ url, clock, log: createLogger('micropay', 'silent') })
  const lease = leases.open(partitionLease(ledgerId, partition), 'micropay')
  return lease
    .told()
    .then((notices) => readTold(notices, ledgerId))
    .finally(() => leases.close())
}

/** Of each version that is there, in use or not, and of the verifications that the audit made by itself. */
async function foldsIn(url: string, partition: number): Promise<Known[]> {
  const pool = openPool(url, createLogger('micropay', 'silent'), { max: 1, application_name: 'micropay' })
  try {
    const found = await pool.query<{ versions: boolean; verifications: boolean }>(
      `select to_regclass('projection.checkpoint') is not null as versions,
        to_regclass('audit.verification') is not null as verifications`,
    )
    const known: Known[] = []
    if (found.rows[0]?.versions) {
      const { rows } = await pool.query<CheckpointRow & { schema_name: string }>(
        'select * from projection.checkpoint where partition = $1',
        [partition],
      )
      known.push(
        ...rows.map((row) => ({ who: readModelName(row.schema_name), fold: foldOfCheckpoint(row, partition) })),
      )
    }
    if (found.rows[0]?.verifications) {
      const { rows } = await pool.query<{ at: Date; fold: unknown }>(
        `select ended_at as at, fold from audit.verification where partition = $1 and fold is not null
         order by id desc limit 1`,
        [partition],
      )
      known.push(
        ...rows.map(({ at, fold }) => ({ who: `the verification of ${at.toISOString()}`, fold: readFold(fold) })),
      )
    }
    return known
  } finally {
    await pool.end()
  }
}
