import type { ReactNode } from 'react'
import { type FailedIntent, whatBecameOf } from '../api/idempotent-intent.ts'
import { ProblemNotice } from './notice.tsx'
import { WaitingNotice } from './waiting-notice.tsx'

type CommandProblemProps = {
  readonly failure: FailedIntent<unknown>
  readonly action?: ReactNode
}

/**
 * Why a command was not answered with success: whether something may have happened, and what to press; or that it waits
 * for a second person.
 */
export function CommandProblem({ failure, action }: CommandProblemProps) {
  if (failure.kind === 'waiting') return <WaitingNotice waiting={failure.waiting} action={action} />
  const tone = failure.kind === 'refused' ? 'bad' : 'warn'
  return <ProblemNotice problem={failure.problem} tone={tone} title={whatBecameOf(failure)} action={action} />
}
