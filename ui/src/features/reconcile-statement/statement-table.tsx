import type { ReconciliationSummary } from '@micropay/schemas/api/reconciliation'
import { Link } from '@tanstack/react-router'
import { Badge } from '../../components/badge.tsx'
import { Instant } from '../../components/instant.tsx'
import { Money } from '../../components/money.tsx'
import type { Sorts } from '../../components/sort-rows.ts'
import { Cell, type Column, type Sorting, Table } from '../../components/table.tsx'
import { givenWords } from '../../data/approvals/given-words.ts'

const columns: readonly Column[] = [
  { name: 'Statement', sort: 'statement' },
  { name: 'Period', sort: 'period', descendingFirst: true, className: 'hidden sm:table-cell' },
  {
    ...{ name: 'Closing balance', align: 'right', sort: 'closing', descendingFirst: true },
    className: 'hidden sm:table-cell',
  },
  { ...{ name: 'Matched', align: 'right', sort: 'matched', descendingFirst: true }, className: 'hidden sm:table-cell' },
  { name: 'Open', sort: 'open', descendingFirst: true },
]

export const statementSorts: Sorts<ReconciliationSummary> = {
  statement: { of: ({ statementId }) => statementId },
  period: { of: ({ from, to }) => `${to} ${from}` },
  closing: { of: ({ closing }) => BigInt(closing), within: ({ currency }) => currency },
  matched: { of: ({ matched }) => matched },
  open: { of: openOf },
}

type StatementTableProps = {
  readonly statements: readonly ReconciliationSummary[]
  readonly zone: string | undefined
  readonly sorting: Sorting
}

export function StatementTable({ statements, zone, sorting }: StatementTableProps) {
  return (
    <Table label="Statements" columns={columns} sorting={sorting}>
      {statements.map((statement) => (
        <StatementRow key={statement.position} statement={statement} zone={zone} />
      ))}
    </Table>
  )
}

type StatementRowProps = { readonly statement: ReconciliationSummary; readonly zone: string | undefined }

function StatementRow({ statement, zone }: StatementRowProps) {
  const { accountId, statementId, currency, matched, missingHere, differingAmount } = statement
  const lines = matched + missingHere + differingAmount
  const period = statement.from === statement.to ? statement.to : `${statement.from} to ${statement.to}`
  return (
    <tr className="hover:bg-sunken">
      <Cell>
        <Link
          to="/reconcile/$statementId"
          params={{ statementId }}
          search={{ account: accountId, position: statement.position, zone }}
          className="flex min-h-11 flex-col justify-center font-medium wrap-anywhere text-accent hover:underline"
        >
          {statementId}
          <span className="text-xs font-normal text-ink-faint">
            {accountId}, {statement.iban}
            <span className="block sm:hidden">
              {period}, <Money minor={statement.closing} currency={currency} />
            </span>
          </span>
        </Link>
      </Cell>
      <Cell className="hidden whitespace-nowrap sm:table-cell">{period}</Cell>
      <Cell align="right" className="hidden sm:table-cell">
        <Money minor={statement.closing} currency={currency} />
      </Cell>
      <Cell align="right" className="hidden whitespace-nowrap sm:table-cell">
        {statement.withdrawn ? '–' : `${matched} of ${lines}`}
      </Cell>
      <Cell className="whitespace-nowrap">
        <OpenBadge statement={statement} />
        {statement.previous && statement.previous.openingDifference !== '0' ? (
          <span className="mt-1 block">
            <Badge tone="warn">Opening differs</Badge>
          </span>
        ) : null}
        {statement.overlaps.length > 0 ? (
          <span className="mt-1 block">
            <Badge tone="warn">Overlaps</Badge>
          </span>
        ) : null}
        {statement.withdrawn ? null : (
          <span className="mt-1 block text-xs text-ink-soft sm:hidden">
            {matched} of {lines} matched
          </span>
        )}
      </Cell>
    </tr>
  )
}

function OpenBadge({ statement }: { readonly statement: ReconciliationSummary }) {
  const { withdrawn } = statement
  const open = openOf(statement)
  if (withdrawn) {
    return (
      <>
        <Badge>Withdrawn</Badge>
        <span className="mt-1 block text-xs whitespace-normal text-ink-soft">
          by {givenWords(withdrawn)}, <Instant at={withdrawn.at} show="day" />
          {withdrawn.reason ? <span className="block break-words">{withdrawn.reason}</span> : null}
        </span>
      </>
    )
  }
  return open === 0 ? <Badge tone="good">Nothing open</Badge> : <Badge tone="warn">{open} open</Badge>
}

function openOf({ missingHere, missingThere, differingAmount }: ReconciliationSummary): number {
  return missingHere + missingThere + differingAmount
}
