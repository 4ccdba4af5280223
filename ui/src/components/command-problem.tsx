import type { PaymentDetail } from '@micropay/schemas/api/confirmation'
import type { ReactNode } from 'react'
import { type FailedIntent, whatBecameOf } from '../api/idempotent-intent.ts'
import { confirmUrl } from '../api/session.ts'
import { buttonClass } from './button.tsx'
import { ProblemNotice } from './notice.tsx'
import { ToConfirm } from './to-confirm.tsx'
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
  const { authorizationDetails } = failure.problem
  if (authorizationDetails)
    return <ToConfirm details={authorizationDetails} action={<ConfirmBeside {...{ authorizationDetails }} />} />
  if (failure.kind === 'waiting') return <WaitingNotice waiting={failure.waiting} action={action} />
  const tone = failure.kind === 'refused' ? 'bad' : 'warn'
  return <ProblemNotice problem={failure.problem} tone={tone} title={whatBecameOf(failure)} action={action} />
}

/** In a tab of its own, so that this page stays as it is: the session is the same in both. */
function ConfirmBeside({ authorizationDetails }: { readonly authorizationDetails: readonly PaymentDetail[] }) {
  return (
    <>
      <a href={confirmUrl(authorizationDetails, '/')} target="_blank" rel="noreferrer" className={buttonClass()}>
        Confirm in a new tab
      </a>
      <p className="flex min-h-11 items-center text-sm text-ink-soft">Then come back here, and press again.</p>
    </>
  )
}
