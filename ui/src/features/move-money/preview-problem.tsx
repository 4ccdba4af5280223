import type { Problem } from '@micropay/schemas/api/problem'
import { isRefusal, mayRetry } from '../../api/problem.ts'
import { ProblemNotice } from '../../components/notice.tsx'
import { whatToDo } from './what-to-do.ts'

type PreviewProblemProps = {
  readonly problem: Problem
  readonly brief: boolean
  /** What the form is of. */
  readonly noun?: 'payment' | 'refund'
}

/** Why a form cannot go on: what the ledger would refuse it for, or that nobody has looked at it. */
export function PreviewProblem({ problem, brief, noun = 'payment' }: PreviewProblemProps) {
  return (
    <ProblemNotice
      problem={problem}
      tone={isUnchecked(problem) ? 'warn' : 'bad'}
      brief={brief}
      title={isUnchecked(problem) ? `The ${noun} could not be checked` : `This ${noun} would be refused`}
      action={isRefusal(problem) ? <p className="text-sm text-ink">{whatToDo(problem)}</p> : null}
    />
  )
}

/** Nobody has looked at it, whatever is in it: a service is busy or silent, or the ledger stopped. */
function isUnchecked(problem: Problem): boolean {
  return mayRetry(problem) || problem.status >= 500
}
