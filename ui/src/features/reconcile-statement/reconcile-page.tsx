import type { ReconciliationSummary } from '@micropay/schemas/reconciliation'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { oldest } from '../../api/freshness.ts'
import { reconciliationsQuery } from '../../api/reconcile.ts'
import { allows } from '../../api/session.ts'
import { useServices, useSession } from '../../app/app-context.ts'
import { Badge } from '../../components/badge.tsx'
import { Card } from '../../components/card.tsx'
import { EmptyState } from '../../components/empty-state.tsx'
import { LoadMore } from '../../components/load-more.tsx'
import { Money } from '../../components/money.tsx'
import { Page } from '../../components/page.tsx'
import { SkeletonRows } from '../../components/skeleton.tsx'
import { Cell, Table } from '../../components/table.tsx'
import { QueryFailed } from '../lost/query-failed.tsx'
import { ImportForm } from './import-form.tsx'

const columns = [
  { name: 'Statement' },
  { name: 'Period' },
  { name: 'Closing balance', align: 'right' },
  { name: 'Matched', align: 'right' },
  { name: 'Open' },
] as const

/** Bank statements, newest first, each with what is open; and the import of the next one. */
export function ReconcilePage() {
  const { client } = useServices()
  const session = useSession()
  const query = useInfiniteQuery(reconciliationsQuery(client))
  const statements = query.data?.pages.flatMap((page) => page.value.items) ?? []
  return (
    <Page
      title="Reconcile"
      lead="Bank statements against the ledger, as it stands now."
      freshness={query.data && oldest(query.data.pages.map((page) => page.freshness))}
    >
      {allows(session, 'reconciliation:operate') ? <ImportForm /> : null}
      {query.error && !query.data ? (
        <QueryFailed error={query.error} onRetry={query.refetch} noun="list of statements" />
      ) : null}
      {query.isPending ? (
        <Card>
          <SkeletonRows headings label="Loading statements" />
        </Card>
      ) : null}
      {query.data && statements.length === 0 ? (
        <EmptyState title="No statement yet">
          Import the camt.053 file of a bank for the external account that stands for it.
        </EmptyState>
      ) : null}
      {statements.length > 0 ? (
        <Card className="overflow-hidden">
          <Table label="Statements" columns={columns}>
            {statements.map((statement) => (
              <StatementRow key={statement.position} statement={statement} />
            ))}
          </Table>
          <LoadMore query={query} shown={statements.length} noun="Statements" />
        </Card>
      ) : null}
    </Page>
  )
}

function StatementRow({ statement }: { readonly statement: ReconciliationSummary }) {
  const { accountId, statementId, currency, matched, lines } = statement
  const open = statement.missingHere + statement.missingThere + statement.differingAmount
  return (
    <tr>
      <Cell>
        <Link
          to="/reconcile/$statementId"
          params={{ statementId }}
          search={{ account: accountId }}
          className="font-medium text-accent hover:underline"
        >
          {statementId}
        </Link>
        <span className="block text-xs text-ink-faint">
          {accountId}, {statement.iban}
        </span>
      </Cell>
      <Cell className="whitespace-nowrap">
        {statement.from === statement.to ? statement.to : `${statement.from} to ${statement.to}`}
      </Cell>
      <Cell align="right">
        <Money minor={statement.closing} currency={currency} />
      </Cell>
      <Cell align="right">
        {matched} of {lines}
      </Cell>
      <Cell>{open === 0 ? <Badge tone="good">Nothing open</Badge> : <Badge tone="warn">{open} open</Badge>}</Cell>
    </tr>
  )
}
