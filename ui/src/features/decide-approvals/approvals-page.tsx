import type { ListedProposal } from '@micropay/schemas/api/approval'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { oldest } from '../../api/freshness.ts'
import { allows } from '../../api/session.ts'
import { LinkButton } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { EmptyState } from '../../components/empty-state.tsx'
import { QueryFailed } from '../../components/failure/query-failed.tsx'
import { SelectField } from '../../components/field.tsx'
import { Filters } from '../../components/filters.tsx'
import { Instant } from '../../components/instant.tsx'
import { ListTools } from '../../components/list-tools.tsx'
import { LoadMore } from '../../components/load-more.tsx'
import { Page } from '../../components/page.tsx'
import { SkeletonRows } from '../../components/skeleton.tsx'
import { Cell, type Column, Table } from '../../components/table.tsx'
import { approvalsQuery } from '../../data/approvals/approvals.ts'
import { ApprovalsSearch } from '../../data/approvals/approvals-search.ts'
import { sentenceOf } from '../../data/approvals/command-words.ts'
import { isOfPeriods, isWithdrawal, overtakenBy, wouldWithdrawAgain } from '../../data/approvals/overtaken.ts'
import { withdrawnQuery } from '../../data/books/reconcile.ts'
import { mayReadPeriods } from '../../data/periods/period-scopes.ts'
import { periodsQuery } from '../../data/periods/periods.ts'
import { withoutPages } from '../../data/search/page-search.ts'
import { useServices, useSession } from '../../services/app-context.ts'
import { ProposalState } from './proposal-state.tsx'

const route = getRouteApi('/approvals')

/** What waits for a second person, and what became of what did. */
export function ApprovalsPage() {
  const { client } = useServices()
  const session = useSession()
  const search = withoutPages(route.useSearch())
  const navigate = route.useNavigate()
  const query = useInfiniteQuery(approvalsQuery(client, search))
  const proposals = query.data?.pages.flatMap((page) => page.value.items) ?? []
  const overtakenOf = useOvertakenAmong(proposals)
  const decides = allows(session, 'approvals:decide')
  const audits = allows(session, 'audit:read')
  return (
    <Page
      lead={leadFor({ decides, audits })}
      freshness={query.data && oldest(query.data.pages.map((page) => page.freshness))}
      actions={
        decides || audits || allows(session, 'policies:set') ? (
          <LinkButton to="/policies" look="secondary">
            What needs two persons
          </LinkButton>
        ) : null
      }
    >
      <Filters across={3}>
        <SelectField
          label="State"
          value={search.status ?? ''}
          onChange={(status) =>
            navigate({ search: ApprovalsSearch.parse({ status }), replace: true, resetScroll: false })
          }
        >
          <option value="">All, the open ones first</option>
          <option value="open">Waits</option>
          <option value="approved">Approved</option>
          <option value="refused">Refused</option>
          <option value="lapsed">Lapsed</option>
        </SelectField>
      </Filters>
      {query.error && !query.data ? (
        <QueryFailed error={query.error} onRetry={query.refetch} noun="list of proposals" />
      ) : null}
      {query.isPending ? (
        <Card>
          <SkeletonRows headings label="Loading proposals" />
        </Card>
      ) : null}
      {query.data && proposals.length === 0 ? (
        <EmptyState title={search.status === 'open' ? 'Nothing waits' : 'Nothing is here'}>
          A command that needs two persons stands here until somebody else has decided it.
        </EmptyState>
      ) : null}
      {proposals.length > 0 ? (
        <ListTools>
          <Card className="overflow-hidden">
            <Table label="Proposals" columns={columns}>
              {proposals.map((proposal) => (
                <ProposalRow key={proposal.proposalId} proposal={proposal} overtaken={overtakenOf(proposal)} />
              ))}
            </Table>
            <LoadMore query={query} shown={proposals.length} noun="Proposals" />
          </Card>
        </ListTools>
      ) : null}
    </Page>
  )
}

function leadFor({ decides, audits }: { readonly decides: boolean; readonly audits: boolean }): string {
  if (decides) return 'What others ask for and you may decide; the open ones first.'
  return audits ? 'What was asked for and who decided it; the open ones first.' : 'What you asked for.'
}

const columns: readonly Column[] = [
  { name: 'What' },
  { name: 'Asked for', className: 'hidden sm:table-cell' },
  { name: 'State' },
]

/** What has happened already that a proposal waits for, as far as one may see it. */
function useOvertakenAmong(proposals: readonly ListedProposal[]) {
  const { client } = useServices()
  const session = useSession()
  const askPeriods = mayReadPeriods(session) && proposals.some(isOfPeriods)
  const periods = useQuery({ ...periodsQuery(client), enabled: askPeriods }).data?.value
  const askWithdrawn = allows(session, 'reconciliation:read') && proposals.some(isWithdrawal)
  const withdrawn = useQuery({ ...withdrawnQuery(client), enabled: askWithdrawn }).data?.value.items
  return (proposal: ListedProposal) => {
    if (withdrawn && wouldWithdrawAgain(proposal, withdrawn)) return 'withdrawn'
    return periods && overtakenBy(proposal, periods)
  }
}

type ProposalRowProps = {
  readonly proposal: ListedProposal
  readonly overtaken: ReturnType<ReturnType<typeof useOvertakenAmong>>
}

function ProposalRow({ proposal, overtaken }: ProposalRowProps) {
  const { proposalId, status, maker, proposedAt, expiresAt, decided } = proposal
  return (
    <tr className="hover:bg-sunken">
      <Cell>
        <Link
          to="/approvals/$proposalId"
          params={{ proposalId }}
          className="flex min-h-11 flex-col justify-center font-medium break-words text-accent hover:underline"
        >
          {sentenceOf(proposal)}
          <span className="text-xs font-normal text-ink-faint">
            {proposalId}
            <span className="block sm:hidden">by {maker}</span>
          </span>
        </Link>
      </Cell>
      <Cell className="hidden sm:table-cell">
        <Instant at={proposedAt} />
        <span className="block text-xs break-words text-ink-soft">by {maker}</span>
      </Cell>
      <Cell>
        <ProposalState status={status} overtaken={overtaken} />
        <span className="mt-1 block text-xs text-ink-soft">
          {decided?.by ? `by ${decided.by}` : null}
          {status === 'open' ? (
            <>
              until <Instant at={expiresAt} show="day" />
            </>
          ) : null}
        </span>
      </Cell>
    </tr>
  )
}
