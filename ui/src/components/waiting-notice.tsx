import type { ReactNode } from 'react'
import type { Waiting } from '../api/waiting.ts'
import { LinkButton } from './button.tsx'
import { Instant } from './instant.tsx'
import { Notice } from './notice.tsx'

type WaitingNoticeProps = { readonly waiting: Waiting; readonly action?: ReactNode }

/** Says that a command waits for a second person, or in a dry run that it would, and where to find it. */
export function WaitingNotice({ waiting: { proposalId, expiresAt }, action }: WaitingNoticeProps) {
  if (proposalId === null) {
    return (
      <Notice tone="warn" title="This needs a second person">
        Once you confirm, it waits until somebody else approves it. Nothing happens before.
      </Notice>
    )
  }
  return (
    <Notice
      tone="warn"
      title="It waits for a second person"
      action={
        <>
          <LinkButton to="/approvals/$proposalId" params={{ proposalId }}>
            See what waits
          </LinkButton>
          {action}
        </>
      }
    >
      Nothing has happened yet: somebody else has to approve {proposalId} until <Instant at={expiresAt} />.
    </Notice>
  )
}
