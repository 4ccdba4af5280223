import { z } from 'zod'
import { ProblemError } from './problem.ts'

/** What a command is answered with that waits for a second person, or in a dry run would. */
export const Waiting = z.object({
  /** Null for a dry run. */
  proposalId: z.string().nullable(),
  status: z.literal('open'),
  expiresAt: z.iso.datetime(),
})
export type Waiting = z.infer<typeof Waiting>

/** Thrown where an answer was expected: the command was taken, and counts once somebody else has approved it. */
export class WaitsForApproval extends ProblemError {
  readonly waiting: Waiting

  constructor(waiting: Waiting) {
    super({
      type: 'about:blank',
      title: 'It waits for a second person',
      status: 202,
      code: 'waits_for_approval',
      detail: 'Somebody else has to approve it before it counts.',
    })
    this.waiting = waiting
  }
}

/** What a dry run that was not answered with its outcome would become; undefined where it failed. */
export function waitingIn(error: unknown): Waiting | undefined {
  return error instanceof WaitsForApproval ? error.waiting : undefined
}
