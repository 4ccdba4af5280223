import { useInfiniteQuery } from '@tanstack/react-query'
import { isCustomer } from '../api/session.ts'
import { approvalsQuery } from '../data/approvals/approvals.ts'
import { useServices, useSession } from '../services/app-context.ts'
import { LinkButton } from './button.tsx'
import { ProposedNotices } from './proposed-notice.tsx'

const MOST_SHOWN = 3

/** What a customer asked for that waits for a second person: no list of payments has it, since nothing has happened. */
export function OwnProposals() {
  const { client } = useServices()
  const session = useSession()
  const query = useInfiniteQuery({ ...approvalsQuery(client, { status: 'open' }), enabled: isCustomer(session) })
  const own = (query.data?.pages ?? [])
    .flatMap((page) => page.value.items)
    .filter(({ maker }) => maker === session.subject)
  return (
    <>
      <ProposedNotices proposals={own.slice(0, MOST_SHOWN)} />
      {own.length > MOST_SHOWN ? (
        <LinkButton to="/approvals" search={{ status: 'open' }} look="quiet" className="mb-5">
          All that waits
        </LinkButton>
      ) : null}
    </>
  )
}
