import type { LedgerEntry } from '@micropay/schemas/api/reconciliation'
import { Link } from '@tanstack/react-router'
import { Money } from '../../components/money.tsx'
import { Cell, type Column, type Sorting, Table } from '../../components/table.tsx'
import { counterpartyWords } from '../../data/payments/parties.ts'
import { timeIn } from '../../time/reporting-zone.ts'

const columns: readonly Column[] = [
  { name: 'Value date', sort: 'value', descendingFirst: true, className: 'hidden sm:table-cell' },
  { name: 'Counterparty' },
  { name: 'Reference', className: 'hidden sm:table-cell' },
  { name: 'Amount', align: 'right' },
]

type FigureTableProps = {
  readonly label: string
  readonly entries: readonly LedgerEntry[]
  readonly zone: string
  readonly sorting: Sorting
}

/** Entries with the times of the reporting zone, each with the way to its payment. */
export function FigureTable({ label, entries, zone, sorting }: FigureTableProps) {
  return (
    <Table label={label} columns={columns} sorting={sorting}>
      {entries.map((entry) => {
        const about = entry.reference ?? entry.description
        const time = <time dateTime={entry.effectiveAt}>{timeIn(zone, entry.effectiveAt)}</time>
        return (
          <tr key={`${entry.position} ${entry.index}`} className="hover:bg-sunken">
            <Cell className="hidden whitespace-nowrap sm:table-cell">{time}</Cell>
            <Cell>
              <Link
                to="/payments/$paymentId"
                params={{ paymentId: entry.paymentId }}
                className="flex min-h-11 flex-col justify-center font-medium text-accent hover:underline"
              >
                {counterpartyWords(entry)}
                <span className="text-xs font-normal text-ink-faint">
                  {entry.paymentId}
                  <span className="block sm:hidden">
                    {time}
                    {about ? ` · ${about}` : ''}
                  </span>
                </span>
              </Link>
            </Cell>
            <Cell className="hidden max-w-80 break-words sm:table-cell">{about}</Cell>
            <Cell align="right">
              <Money minor={entry.amount} currency={entry.currency} signed />
            </Cell>
          </tr>
        )
      })}
    </Table>
  )
}
