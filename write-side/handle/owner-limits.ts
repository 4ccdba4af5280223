/** What an owner takes at a time, and how long it may take. */
export type OwnerLimits = {
  /** Commands decided in one append at most. */
  readonly batchCommits: number
  readonly queuedCommands: number
  /**
   * How long a caller waits for an outcome before the answer is 504 (or 503, when the command was not even decided).
   */
  readonly answerWithinMs: number
  readonly heartbeatMs: number
  /** Between two checks of all of the state on disk. */
  readonly stateCheckMs: number
  /** A snapshot of the state is taken after so many commits, or so long after the last one if there were any. */
  readonly snapshotEveryCommits: number
  readonly snapshotEveryMs: number
  /** Between two looks whether one is due. */
  readonly snapshotLookMs: number
}

export const defaultLimits: OwnerLimits = {
  batchCommits: 1_000,
  queuedCommands: 20_000,
  answerWithinMs: 10_000,
  heartbeatMs: 5_000,
  stateCheckMs: 3_600_000,
  snapshotEveryCommits: 100_000,
  snapshotEveryMs: 3_600_000,
  snapshotLookMs: 5_000,
}
