import type { Reconciliation, ReconciliationItem } from '@micropay/schemas/api/reconciliation'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { pathWith } from '../../api/path.ts'
import { allows } from '../../api/session.ts'
import { Card } from '../../components/card.tsx'
import { QueryFailed } from '../../components/failure/query-failed.tsx'
import { Filters } from '../../components/filters.tsx'
import { ListTools } from '../../components/list-tools.tsx'
import { Page } from '../../components/page.tsx'
import { ProposedNotices, useProposed } from '../../components/proposed-notice.tsx'
import { SearchField } from '../../components/search-field.tsx'
import { SkeletonRows } from '../../components/skeleton.tsx'
import { ZoneField } from '../../components/zone-field.tsx'
import { withdrawalsOf } from '../../data/approvals/proposed.ts'
import type { StatementSearch } from '../../data/books/finance-search.ts'
import { reconciliationPath, reconciliationQuery } from '../../data/books/reconcile.ts'
import { useServices, useSession } from '../../services/app-context.ts'
import { usualZone } from '../../time/reporting-zone.ts'
import { holdsText, ItemTable } from './item-table.tsx'
import { StatementFacts } from './statement-facts.tsx'
import { WithdrawStatement } from './withdraw-statement.tsx'
import { WithdrawnNotice } from './withdrawn-notice.tsx'

const route = getRouteApi('/reconcile/$statementId')

/** One statement beside the ledger: how it stands, what is open, what is matched, and what needs no entry. */
export function StatementPage() {
  const { client } = useServices()
  const { statementId } = route.useParams()
  const { account, position, zone } = route.useSearch()
  const query = useQuery(reconciliationQuery(client, { account, position, zone, statementId }))
  const found = query.data?.value
  return (
    <Page
      lead={found ? `${found.accountId}, ${found.iban}, ${found.from} to ${found.to}` : account}
      freshness={query.data?.freshness}
    >
      {query.error && !query.data ? <QueryFailed error={query.error} onRetry={query.refetch} noun="statement" /> : null}
      {query.isPending ? (
        <Card>
          <SkeletonRows headings label="Loading the statement" />
        </Card>
      ) : null}
      {found?.withdrawn ? <WithdrawnNotice withdrawn={found.withdrawn} /> : null}
      {found ? <StatementFacts statement={found} zone={zone} /> : null}
      {found && !found.withdrawn ? <Withdrawing key={found.position} statement={found} /> : null}
      {found ? <Sides found={found} /> : null}
    </Page>
  )
}

/** Where somebody asked to withdraw it, that it waits; else the way to ask. */
function Withdrawing({ statement }: { readonly statement: Reconciliation }) {
  const mayAsk = allows(useSession(), 'reconciliation:operate')
  const proposed = withdrawalsOf(useProposed(statement.accountId), statement.position)
  if (proposed.length > 0) return <ProposedNotices proposals={proposed} />
  return mayAsk ? (
    <div className="mb-6 print:hidden">
      <WithdrawStatement statement={statement} />
    </div>
  ) : null
}

const openKinds = new Set<ReconciliationItem['kind']>(['missing_here', 'missing_there', 'differing_amount'])

/** All lines are here, so they are searched and sorted here; the file holds all of them. */
function Sides({ found }: { readonly found: Reconciliation }) {
  const { account, position, zone, text = '', sort } = route.useSearch()
  const navigate = route.useNavigate()
  const show = (change: Partial<StatementSearch>, replace = true) =>
    navigate({ search: (before) => ({ ...before, ...change }), replace, resetScroll: false })
  const items = found.items.filter((item) => text === '' || holdsText(item, text))
  const open = items.filter(({ kind }) => openKinds.has(kind))
  const needless = items.filter(({ kind }) => kind === 'repeated' || kind === 'information')
  const matched = items.filter((item) => item.kind === 'matched')
  const table = {
    currency: found.currency,
    zone: zone ?? usualZone,
    sorting: { by: sort, onSort: (by: string | undefined) => show({ sort: by }, false) },
  }
  return (
    <>
      <Filters across={2}>
        <SearchField
          label="Search"
          placeholder="Counterparty, reference or text"
          value={text}
          onSearch={(part) => show({ text: part || undefined })}
        />
        <ZoneField value={zone} onChange={(chosen) => show({ zone: chosen })} />
      </Filters>
      <ListTools
        csvPath={pathWith(reconciliationPath(found.statementId), { account, position, zone, format: 'csv' })}
        csvName={text === '' ? 'CSV' : 'CSV of all lines'}
        note={text === '' ? null : `${items.length} of ${found.items.length} items hold “${text}”.`}
      >
        {found.withdrawn ? (
          <ItemTable title={`Lines: ${items.length}`} items={items} {...table} />
        ) : (
          <>
            <ItemTable title={`Open items: ${open.length}`} items={open} {...table} />
            <ItemTable title={`Matched: ${matched.length}`} items={matched} {...table} />
          </>
        )}
        {needless.length > 0 ? (
          <ItemTable title={`Needs no entry: ${needless.length}`} items={needless} {...table} />
        ) : null}
      </ListTools>
    </>
  )
}
