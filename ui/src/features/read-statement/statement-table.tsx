import type { Entry } from '@micropay/schemas/api/account'
import { Link } from '@tanstack/react-router'
import { Instant } from '../../components/instant.tsx'
import { MarkCell, type Marks, markColumn } from '../../components/mark-cell.tsx'
import { Money } from '../../components/money.tsx'
import { Cell, type Column, type Sorting, Table } from '../../components/table.tsx'
import { counterpartyWords } from '../../data/payments/parties.ts'
import { refundWords } from '../../data/payments/refunded.ts'

const columns: readonly Column[] = [
  markColumn,
  { name: 'Value date', sort: 'value', descendingFirst: true, className: 'hidden sm:table-cell' },
  { name: 'Details' },
  { name: 'Amount', align: 'right' },
  { name: 'Balance', align: 'right', className: 'hidden sm:table-cell' },
]

export function entryKey({ position, index }: Entry): string {
  return `${position}/${index}`
}

type StatementTableProps = {
  readonly entries: readonly Entry[]
  readonly marks: Marks
  readonly zone: string | undefined
  readonly sorting: Sorting
}

export function StatementTable({ entries, marks, zone, sorting }: StatementTableProps) {
  return (
    <Table label="Movements" columns={columns} sorting={sorting}>
      {entries.map((entry) => (
        <tr key={entryKey(entry)} className="hover:bg-sunken">
          <MarkCell
            label={`Mark ${entry.paymentId}`}
            marked={marks.has(entryKey(entry))}
            onToggle={() => marks.toggle(entryKey(entry))}
          />
          <Cell className="hidden text-ink-soft sm:table-cell">
            <Instant at={entry.effectiveAt} show="day" zone={zone} />
          </Cell>
          <Cell className="w-full max-w-0 sm:w-auto sm:max-w-80">
            <Link
              to="/payments/$paymentId"
              params={{ paymentId: entry.paymentId }}
              className="flex min-h-11 flex-col justify-center hover:text-accent"
            >
              <span className="truncate font-medium">{counterpartyWords(entry)}</span>
              <span className="truncate text-xs text-ink-soft">
                <span className="sm:hidden">
                  <Instant at={entry.effectiveAt} show="day" zone={zone} /> ·{' '}
                </span>
                {lineOf(entry)}
              </span>
            </Link>
          </Cell>
          <Cell align="right" className="font-semibold">
            <Money minor={entry.amount} currency={entry.currency} signed />
            <span className="block text-xs font-normal text-ink-soft sm:hidden">
              <Money minor={entry.balanceAfter} currency={entry.currency} />
            </span>
          </Cell>
          <Cell align="right" className="hidden text-ink-soft sm:table-cell">
            <Money minor={entry.balanceAfter} currency={entry.currency} />
          </Cell>
        </tr>
      ))}
    </Table>
  )
}

/** The id tells two accounts of the same name apart. */
function lineOf({ kind, counterparty, counterpartyName, reference, description, reverses }: Entry): string {
  const what = reverses ? [refundWords({ reverses, reference })] : [kind ? kindWords[kind] : 'Payment', reference]
  const [first, ...more] = what
  return [first, counterpartyName && counterparty, ...more, description].filter(Boolean).join(' · ')
}

const kindWords = { payment: 'Payment', deposit: 'Deposit', withdrawal: 'Withdrawal', transfer: 'Transfer' } as const
