import type { Violation } from './violation.ts'

/** What came of one seed, in whatever world. */
export type Outcome = {
  readonly seed: number
  readonly traceHash: string
  readonly events: number
  readonly acknowledged: number
  readonly commands: number
  readonly faults: ReadonlyMap<string, number>
  /** What became of commands, by kind. */
  readonly deeds: ReadonlyMap<string, number>
  readonly violation: Violation | undefined
}
