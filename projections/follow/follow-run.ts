import type { EventLog } from '@micropay/event-log/event-log'
import type { Clock } from '@micropay/runtime/clock'
import type { Leases } from '@micropay/runtime/leases'
import type { Logger } from '@micropay/runtime/logger'
import type { Pool } from 'pg'
import type { Projection, ProjectionWriter } from '../projection.ts'
import type { Batch } from './apply-batch.ts'
import type { FollowMeter } from './follow-meter.ts'
import type { Followers } from './followers.ts'
import type { Rate } from './rate.ts'
import type { FoldedAt } from './trace-applied.ts'

/** What follows one partition into one version. */
export type FollowSource = {
  readonly log: EventLog
  readonly pool: Pool
  /** Of whoever owns the tables, who alone may gather their statistics; `pool` if not given. */
  readonly buildingPool?: Pool | undefined
  /** Of this pool. */
  readonly followers: Followers
  readonly clock: Clock
  readonly logger: Logger
  /** Where the workers of the partitions have theirs; undefined where they cannot be told of evidence. */
  readonly ownersLeases?: Pick<Leases, 'open'> | undefined
  readonly projection: Projection
  readonly meter?: FollowMeter | undefined
  readonly schema: string
  readonly partition: number
  readonly partitions: number
  /**
   * Waits for so many records before they are applied, but for the last ones before the offset `until`. Without it
   * nothing waits. `isLoading` while the version's indexes are not made yet.
   */
  readonly batches?: { readonly records: number; readonly until: bigint; readonly isLoading: boolean }
  /** Called with the log offset that is applied, after each commit and whenever the end is reached. */
  readonly onApplied?: (offset: bigint) => void
}

/** How far it is, and what goes on meanwhile. */
export type Run = {
  readonly source: FollowSource
  readonly writer: ProjectionWriter
  readonly stop: AbortController
  readonly rate: Rate
  applied: bigint
  /** Commits applied since the planner's statistics were gathered. */
  unanalyzed: number
  /** The log's end, and when that was asked. */
  end: { readonly offset: bigint; readonly atMs: number } | undefined
  /** Folded and not yet handed to a transaction. */
  gathered: Gathered | undefined
  /** Never rejects: what goes wrong is `failure`. */
  applying: Promise<void> | undefined
  failure: unknown
  replaced: boolean
}

export type Gathered = Omit<Batch, 'changes'> & {
  readonly bytes: number
  /** Where traces are recorded, what was folded when. */
  readonly folded: readonly FoldedAt[]
}

/** Nobody wants the version any more. */
export function replaced(run: Run): void {
  run.replaced = true
  run.stop.abort()
}
