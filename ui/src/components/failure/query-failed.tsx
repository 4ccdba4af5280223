import { problemOfError } from '../../api/problem.ts'
import { Button, LinkButton } from '../button.tsx'
import { EmptyState } from '../empty-state.tsx'
import { ProblemNotice } from '../notice.tsx'

type QueryFailedProps = { readonly error: unknown; readonly onRetry: () => unknown; readonly noun: string }

/** What stands where an answer should: not found, not allowed, or not now, each with what to do. */
export function QueryFailed({ error, onRetry, noun }: QueryFailedProps) {
  const problem = problemOfError(error)
  if (problem.status === 404) {
    return (
      <EmptyState title={`This ${noun} is not here`} action={<LinkButton to="/">Go to the start</LinkButton>}>
        It does not exist, or it is not yours to see. Check the id in the address.
      </EmptyState>
    )
  }
  return (
    <ProblemNotice
      problem={problem}
      title={`The ${noun} could not be loaded`}
      action={
        problem.status === 400 ? (
          <p className="text-sm text-ink">Change what you ask for above; asking the same again gets the same answer.</p>
        ) : (
          <Button look="secondary" onClick={() => onRetry()}>
            Try again
          </Button>
        )
      }
    />
  )
}
