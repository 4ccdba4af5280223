import type { Reconciliation, ReconciliationItem } from '@micropay/schemas/reconciliation'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { pathWith } from '../../api/path.ts'
import { reconciliationPath, reconciliationQuery } from '../../api/reconcile.ts'
import { useServices } from '../../app/app-context.ts'
import { Badge } from '../../components/badge.tsx'
import { Card } from '../../components/card.tsx'
import { CsvLink } from '../../components/csv-link.tsx'
import { Money } from '../../components/money.tsx'
import { Page } from '../../components/page.tsx'
import { SkeletonRows } from '../../components/skeleton.tsx'
import { Cell, Table } from '../../components/table.tsx'
import { QueryFailed } from '../lost/query-failed.tsx'

const route = getRouteApi('/reconcile/$statementId')

/** One statement beside the ledger: what is open first, then what is matched. */
export function StatementPage() {
  const { client } = useServices()
  const { statementId } = route.useParams()
  const { account } = route.useSearch()
  const query = useQuery(reconciliationQuery(client, account, statementId))
  const found = query.data?.value
  return (
    <Page
      title={`Statement ${statementId}`}
      lead={found ? `${found.accountId}, ${found.iban}, ${found.from} to ${found.to}` : account}
      freshness={query.data?.freshness}
      actions={<CsvLink href={pathWith(reconciliationPath(statementId), { account, format: 'csv' })} />}
    >
      {query.error && !query.data ? <QueryFailed error={query.error} onRetry={query.refetch} noun="statement" /> : null}
      {query.isPending ? (
        <Card>
          <SkeletonRows headings label="Loading the statement" />
        </Card>
      ) : null}
      {found ? <Sides found={found} /> : null}
    </Page>
  )
}

const columns = [
  { name: 'State' },
  { name: 'Bank' },
  { name: 'Bank amount', align: 'right' },
  { name: 'Ledger' },
  { name: 'Ledger amount', align: 'right' },
] as const

function Sides({ found }: { readonly found: Reconciliation }) {
  const open = found.items.filter((item) => item.kind !== 'matched')
  const matched = found.items.filter((item) => item.kind === 'matched')
  return (
    <>
      <ItemTable title={`Open items: ${open.length}`} items={open} currency={found.currency} />
      <ItemTable title={`Matched: ${matched.length}`} items={matched} currency={found.currency} />
    </>
  )
}

type ItemTableProps = {
  readonly title: string
  readonly items: readonly ReconciliationItem[]
  readonly currency: string
}

function ItemTable({ title, items, currency }: ItemTableProps) {
  return (
    <section className="mb-8">
      <h2 className="mb-3 text-lg font-semibold">{title}</h2>
      {items.length > 0 ? (
        <Card className="overflow-hidden">
          <Table label={title} columns={columns}>
            {items.map((item) => (
              <ItemRow
                key={`${item.lineNumber} ${item.entry?.position} ${item.entry?.index}`}
                item={item}
                currency={currency}
              />
            ))}
          </Table>
        </Card>
      ) : (
        <p className="text-ink-soft">None.</p>
      )}
    </section>
  )
}

function ItemRow({ item, currency }: { readonly item: ReconciliationItem; readonly currency: string }) {
  const { line, entry } = item
  return (
    <tr>
      <Cell className="whitespace-nowrap">
        <KindBadge item={item} />
      </Cell>
      <Cell className="min-w-44">
        {line ? (
          <>
            <span className="block">
              {line.counterparty ?? line.text ?? line.references[0] ?? `Line ${item.lineNumber}`}
            </span>
            <span className="block text-xs text-ink-faint">
              {[line.bookedOn, line.references[0]].filter(Boolean).join(', ')}
            </span>
          </>
        ) : null}
      </Cell>
      <Cell align="right">{line ? <Money minor={line.amount} currency={currency} signed /> : null}</Cell>
      <Cell className="min-w-44">
        {entry ? (
          <>
            <Link
              to="/payments/$paymentId"
              params={{ paymentId: entry.paymentId }}
              className="block text-accent hover:underline"
            >
              {entry.counterparty}
            </Link>
            <span className="block text-xs text-ink-faint">
              {[entry.effectiveAt.slice(0, 10), entry.reference].filter(Boolean).join(', ')}
            </span>
          </>
        ) : null}
      </Cell>
      <Cell align="right">
        {entry ? <Money minor={(-BigInt(entry.amount)).toString()} currency={currency} signed /> : null}
      </Cell>
    </tr>
  )
}

function KindBadge({ item }: { readonly item: ReconciliationItem }) {
  if (item.kind === 'missing_here') return <Badge tone="bad">Missing here</Badge>
  if (item.kind === 'missing_there') return <Badge tone="warn">Missing at the bank</Badge>
  if (item.kind === 'differing_amount') return <Badge tone="warn">Amounts differ</Badge>
  return <Badge tone="good">{item.matchedBy === 'reference' ? 'By reference' : 'By amount'}</Badge>
}
