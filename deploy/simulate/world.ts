import type { FollowerHost } from './follower-host.ts'
import type { createIntents } from './intents.ts'
import type { Knowledge } from './knowledge.ts'
import type { Oracle } from './oracle.ts'
import type { OwnerHost, Surroundings } from './owner-host.ts'
import type { Process } from './process.ts'
import type { ReadModel } from './read-model.ts'

/** Machines, what lies between them, those who use them, and one who sees all of it. */
export type World = Surroundings & {
  readonly oracle: Oracle
  readonly hosts: readonly OwnerHost[]
  readonly followers: readonly FollowerHost[]
  readonly readModel: ReadModel
  /** Where all clients are. */
  readonly clients: Process
  readonly knowledge: Knowledge
  readonly commandFor: ReturnType<typeof createIntents>
  /** Clients who still want an answer. */
  waiting: number
  harm: Harm | undefined
  /** It was another one before. */
  wasHarmed: boolean
  /** Until then an owner may say that it stopped. */
  mayStopUntilMs: number
  /** When the log last took something. */
  appendedMs: number
}

/**
 * The log is not what it was: until a person has put it right, whoever knows better must not serve. `knownSeq` is what
 * each machine knew when it happened, in memory or on disk.
 */
export type Harm = {
  readonly knownSeq: Map<string, number>
}
