import type { Proposal } from '@micropay/schemas/api/approval'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { allows } from '../../api/session.ts'
import { Instant } from '../../components/instant.tsx'
import { Notice } from '../../components/notice.tsx'
import { givenWords } from '../../data/approvals/given-words.ts'
import { isOfPeriods, overtakenBy } from '../../data/approvals/overtaken.ts'
import { reconciliationQuery } from '../../data/books/reconcile.ts'
import { mayReadPeriods } from '../../data/periods/period-scopes.ts'
import { periodsQuery } from '../../data/periods/periods.ts'
import { useServices, useSession } from '../../services/app-context.ts'
import { statementAskedIn } from './withdrawal-shown.tsx'

/** Why what waits would be refused whoever approves it, in words; undefined where it would not, as far as one sees. */
export function useOvertaken(proposal: Proposal): ReactNode {
  const { client } = useServices()
  const session = useSession()
  const ofPeriods = isOfPeriods(proposal)
  const periods = useQuery({ ...periodsQuery(client), enabled: ofPeriods && mayReadPeriods(session) }).data?.value
  const asked = proposal.status === 'open' ? statementAskedIn(proposal) : undefined
  const { accountId: account, statementId = '', position } = asked ?? {}
  const query = reconciliationQuery(client, { account, statementId, position, zone: undefined })
  const enabled = asked !== undefined && allows(session, 'reconciliation:read')
  const withdrawn = useQuery({ ...query, enabled }).data?.value.withdrawn
  if (enabled && withdrawn) {
    return (
      <>
        The statement was withdrawn before, by {givenWords(withdrawn)}, <Instant at={withdrawn.at} />.
      </>
    )
  }
  if (!ofPeriods || !periods) return undefined
  const by = overtakenBy(proposal, periods)
  if (by === 'closed') return `The days up to ${proposal.data.through} are closed already.`
  const reopened = periods.items.find(({ periodId }) => periodId === proposal.data.periodId)?.reopened
  if (by === undefined || !reopened) return undefined
  return (
    <>
      The period was reopened before, by {givenWords(reopened)}, <Instant at={reopened.at} />.
    </>
  )
}

type OvertakenNoticeProps = { readonly why: ReactNode; readonly toDo?: string }

export function OvertakenNotice({ why, toDo }: OvertakenNoticeProps) {
  return (
    <Notice tone="warn" title="It would be refused: it has happened already">
      {why} {toDo}
    </Notice>
  )
}
