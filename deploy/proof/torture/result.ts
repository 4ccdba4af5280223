import { z } from 'zod'
import type { TortureOptions } from './options.ts'
import type { RoundOutcome } from './run-round.ts'

/** What the checker says: counts of what it compared, and every kind of thing that is wrong, with examples. */
export const Judgement = z.object({
  counts: z.record(z.string(), z.number()),
  findings: z.array(z.object({ kind: z.string(), count: z.int(), examples: z.array(z.string()) })),
})
export type Judgement = z.infer<typeof Judgement>

export type TortureResult = {
  readonly options: TortureOptions
  /** Milliseconds since 1970. */
  readonly startedAt: number
  readonly endedAt: number
  readonly outcomes: readonly RoundOutcome[]
  /** Answers of success. */
  readonly acknowledged: number
  readonly judgement: Judgement
  readonly failures: readonly string[]
}
