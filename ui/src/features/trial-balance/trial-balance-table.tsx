import type { TrialBalanceRow } from '@micropay/schemas/api/reconciliation'
import { Link } from '@tanstack/react-router'
import { Money } from '../../components/money.tsx'
import { SideAmount } from '../../components/side-amount.tsx'
import { Cell, type Column, type Sorting, Table } from '../../components/table.tsx'
import type { AsOfSearch } from '../../data/books/finance-search.ts'

const side = { align: 'right', descendingFirst: true, className: 'hidden sm:table-cell' } as const
const columns: readonly Column[] = [
  { name: 'Account', sort: 'account' },
  { name: 'Place', sort: 'path', className: 'hidden sm:table-cell' },
  { name: 'Balance', align: 'right', className: 'sm:hidden' },
  { name: 'Debit', sort: 'debit', ...side },
  { name: 'Credit', sort: 'credit', ...side },
]

type TrialBalanceTableProps = {
  readonly rows: readonly TrialBalanceRow[]
  readonly asOf: AsOfSearch
  readonly sorting: Sorting
}

/** Each account on the side where it stands, and the way to its entries. */
export function TrialBalanceTable({ rows, asOf, sorting }: TrialBalanceTableProps) {
  return (
    <Table label="Trial balance" columns={columns} sorting={sorting}>
      {rows.map((row) => (
        <tr key={row.accountId} className="hover:bg-sunken">
          <Cell>
            <Link
              to="/trial-balance/$accountId"
              params={{ accountId: row.accountId }}
              search={asOf}
              className="flex min-h-11 flex-col justify-center font-medium text-accent hover:underline"
            >
              {row.name ?? row.accountId}
              <span className="text-xs font-normal break-words text-ink-faint">
                {row.accountId}
                <span className="block sm:hidden">{row.path}</span>
              </span>
            </Link>
          </Cell>
          <Cell className="hidden text-ink-soft sm:table-cell">{row.path}</Cell>
          <Cell align="right" className="sm:hidden">
            <SideAmount debit={row.debit} credit={row.credit} currency={row.currency} />
          </Cell>
          <Cell align="right" className="hidden sm:table-cell">
            {row.debit === '0' ? '' : <Money minor={row.debit} currency={row.currency} />}
          </Cell>
          <Cell align="right" className="hidden sm:table-cell">
            {row.credit === '0' ? '' : <Money minor={row.credit} currency={row.currency} />}
          </Cell>
        </tr>
      ))}
    </Table>
  )
}
