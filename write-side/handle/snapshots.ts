import { isEvidence } from '@micropay/event-log/evidence'
import type { FoldState } from '@micropay/event-log/fold-state'
import { backOff } from '@micropay/runtime/back-off'
import type { LedgerState } from '../state/ledger-state.ts'
import type { Manifest } from '../state/snapshots/manifest.ts'
import { isReadable, type Listed, type Refused, type Snapshots } from '../state/snapshots/snapshots.ts'
import { StateHarmedError, type StateStore } from '../state/state-store.ts'
import type { OwnerLimits } from './owner-limits.ts'
import type { Ownership } from './ownership.ts'
import type { SnapshotStatus } from './snapshot-status.ts'
import { leadsTo } from './still-there.ts'

/**
 * Throws HistoryError where the log does not lead to the newest snapshot, and that is ahead of the state that is kept
 * here: it is no knowledge of this machine, but a worker of the ledger has signed it, so history was changed. Where
 * snapshots cannot be asked soon, nobody waits for them.
 */
export async function compareSnapshots(owner: Ownership, kept: FoldState): Promise<void> {
  const newest = (await list(owner, 1, COMPARED_WITHIN_MS))?.found[0]
  if (newest && newest.fold.seq > kept.seq) await leads(owner, newest.fold)
}

const COMPARED_WITHIN_MS = 1_000

/**
 * Puts the state of the newest snapshot that verifies on the disk, which nobody has open, and answers its digest;
 * undefined where there is none, and the state is folded from the log. The log must lead to it: one that a person has
 * given up is passed over, and HistoryError is thrown in front of any other.
 */
export async function restoreFromSnapshot(owner: Ownership): Promise<string | undefined> {
  const { snapshots, clock, closing, log, partition } = owner
  const found = (await list(owner, MOST_LOOKED_AT, FOUND_WITHIN_MS))?.found ?? []
  for (const [at, manifest] of found.entries()) {
    // One of other code is of no use, and the newest one still says what the log must lead to.
    if (!isReadable(manifest) && at > 0) continue
    if (!(await leads(owner, manifest.fold)) || !isReadable(manifest)) continue
    const [{ seq }, sinceMs] = [manifest.fold, clock.monotonicMs()]
    const restored = await (snapshots as Snapshots).restore(manifest, closing.signal).catch((error: unknown) => {
      closing.signal.throwIfAborted()
      noteFailure(owner, error, 'no state could be made of a snapshot')
    })
    if (restored?.kind === 'refused') noteRefused(owner, { name: manifest.content.name, reason: restored.reason })
    if (restored?.kind !== 'restored') continue
    const tookMs = Math.round(clock.monotonicMs() - sinceMs)
    log.info({ partition, seq, tookMs }, 'the state was made of a snapshot')
    return restored.digest
  }
  return undefined
}

const MOST_LOOKED_AT = 10
const FOUND_WITHIN_MS = 20_000

/** Whoever reads of it must find it in what stopped this worker: it is told to all others. */
async function leads(owner: Ownership, fold: FoldState): Promise<boolean> {
  try {
    return await leadsTo(owner, fold)
  } catch (error) {
    if (isEvidence(error)) owner.lastFold = fold
    throw error
  }
}

/** Undefined where they could not be asked in time. */
async function list(owner: Ownership, most: number, withinMs: number): Promise<Listed | undefined> {
  const { snapshots, clock } = owner
  if (!snapshots) return undefined
  const answered = new AbortController()
  const late = clock.sleep(withinMs, answered.signal).then(() => undefined)
  try {
    const listed = await Promise.race([snapshots.newest(most), late])
    if (!listed) throw new Error(`${snapshots.where} does not answer within ${withinMs} ms`)
    for (const refused of listed.refused) noteRefused(owner, refused)
    noteNewest(owner, listed.found)
    return listed
  } catch (error) {
    noteFailure(owner, error, 'snapshots of the state could not be looked for')
    return undefined
  } finally {
    answered.abort()
  }
}

function noteNewest({ snapshotStatus }: Ownership, found: readonly Manifest[]): void {
  const newest = found.find(isReadable)
  if (newest) snapshotStatus.last = { seq: newest.fold.seq, at: newest.takenAt }
  snapshotStatus.failed = undefined
}

function noteRefused({ snapshotStatus, clock, log, partition }: Ownership, refused: Refused): void {
  const { name, reason } = refused
  // It is met again at each look, until a newer one takes its place.
  if (snapshotStatus.refused?.name === name && snapshotStatus.refused.reason === reason) return
  snapshotStatus.refused = { name, reason, at: new Date(clock.nowMs()).toISOString() }
  log.error({ partition, name, reason }, 'a snapshot of the state is not to be believed: it is not used')
}

function noteFailure({ snapshotStatus, clock, log, partition }: Ownership, error: unknown, message: string): void {
  const reason = error instanceof Error ? error.message : String(error)
  snapshotStatus.failed = { reason, at: new Date(clock.nowMs()).toISOString() }
  log.warn({ err: error, partition }, message)
}

/**
 * While this worker serves, takes a snapshot of the state on disk every so many commits, and every so often if there
 * were any; whoever took the last one.
 */
export async function keepTakingSnapshots(
  owner: Ownership,
  store: StateStore,
  state: LedgerState,
  signal: AbortSignal,
): Promise<void> {
  const { snapshots, clock, limits, log, partition, snapshotStatus } = owner
  if (!snapshots) return
  for (let failures = 0; await clock.sleep(limits.snapshotLookMs + pause(failures), signal); ) {
    const seq = store.mark()?.fold.seq ?? 0
    const isDue = () => isSnapshotDue(limits, seq, snapshotStatus.last, clock.nowMs())
    if (owner.phase !== 'serving' || !state.isTrusted() || !isDue()) continue
    // The owner before may have taken one since.
    const isKnown = (await list(owner, 1, FOUND_WITHIN_MS)) !== undefined
    if (signal.aborted) return
    failures = isKnown && !isDue() ? 0 : failures + 1
    if (!isKnown || !isDue()) continue
    try {
      const taken = await snapshots.take(new Date(clock.nowMs()).toISOString(), signal)
      if (taken.kind === 'harmed') return state.distrust(new StateHarmedError(taken.reason))
      if (taken.kind === 'none') continue
      failures = 0
      snapshotStatus.last = { seq: taken.seq, at: taken.takenAt }
      log.info({ partition, seq: taken.seq, bytes: taken.bytes }, 'a snapshot of the state was taken')
    } catch (error) {
      if (!signal.aborted) noteFailure(owner, error, 'no snapshot of the state could be taken')
    }
  }
}

function pause(failures: number): number {
  return failures === 0 ? 0 : backOff(failures, { firstMs: 5_000, mostMs: 300_000 })
}

type Cadence = Pick<OwnerLimits, 'snapshotEveryCommits' | 'snapshotEveryMs'>

export function isSnapshotDue(
  { snapshotEveryCommits, snapshotEveryMs }: Cadence,
  seq: number,
  last: SnapshotStatus['last'],
  nowMs: number,
): boolean {
  if (!last) return seq > 0
  if (seq - last.seq >= snapshotEveryCommits) return true
  return seq > last.seq && nowMs - Date.parse(last.at) >= snapshotEveryMs
}
