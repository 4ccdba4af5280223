import type { Payment } from '@micropay/schemas/payment'
import { Link } from '@tanstack/react-router'
import { PaymentStatusBadge } from '../../components/badge.tsx'
import { Instant } from '../../components/instant.tsx'
import { MarkCell, type Marks, markColumn } from '../../components/mark-cell.tsx'
import { Money } from '../../components/money.tsx'
import { Cell, type Column, type Sorting, Table } from '../../components/table.tsx'
import { totalsOf } from '../../money/totals.ts'

/** The list pages from the server, so it is sorted by what the server has an index for: one time or the other. */
const columnsBy = (byValueDate: boolean): readonly Column[] => [
  markColumn,
  { name: 'Payment' },
  { name: 'Reference', className: 'hidden lg:table-cell' },
  {
    ...(byValueDate ? { name: 'Value date', sort: 'value' } : { name: 'Decided', sort: 'decided' }),
    ...{ descendingFirst: true, className: 'hidden md:table-cell' },
  },
  { name: 'Status', className: 'hidden sm:table-cell' },
  { name: 'Amount', align: 'right' },
]

type PaymentTableProps = {
  readonly payments: readonly Payment[]
  readonly marks: Marks
  readonly byValueDate: boolean
  readonly zone: string | undefined
  readonly sorting: Sorting
}

export function PaymentTable({ payments, marks, byValueDate, zone, sorting }: PaymentTableProps) {
  return (
    <Table label="Payments" columns={columnsBy(byValueDate)} sorting={sorting}>
      {payments.map((payment) => (
        <tr key={payment.paymentId} className="hover:bg-sunken">
          <MarkCell
            label={`Mark ${payment.paymentId}`}
            marked={marks.has(payment.paymentId)}
            onToggle={() => marks.toggle(payment.paymentId)}
          />
          <Cell className="max-w-48 sm:max-w-80">
            <Link
              to="/payments/$paymentId"
              params={{ paymentId: payment.paymentId }}
              className="flex min-h-11 flex-col justify-center hover:text-accent"
            >
              <span className="line-clamp-2 font-medium break-words">
                {namesOf(payment)}
                {payment.postings.length > 1 ? ` and ${payment.postings.length - 1} more` : ''}
              </span>
              <span className="truncate text-xs text-ink-faint">
                {payment.paymentId}
                {payment.kind ? ` · ${payment.kind}` : ''}
              </span>
            </Link>
          </Cell>
          <Cell className="hidden max-w-48 truncate lg:table-cell">
            {payment.reference ?? <span className="text-ink-faint">–</span>}
          </Cell>
          <Cell className="hidden text-ink-soft md:table-cell">
            <Instant at={byValueDate ? payment.effectiveAt : payment.decidedAt} zone={zone} />
          </Cell>
          <Cell className="hidden sm:table-cell">
            <PaymentStatusBadge status={payment.status} />
          </Cell>
          <Cell align="right" className="font-semibold">
            {totalsOf(payment.postings).map(({ currency, minor }) => (
              <span
                key={currency}
                className={`block ${payment.status === 'rejected' ? 'font-normal text-ink-faint line-through' : ''}`}
              >
                <Money minor={minor} currency={currency} />
              </span>
            ))}
            {payment.status === 'rejected' ? <span className="block text-xs text-bad sm:hidden">Refused</span> : null}
          </Cell>
        </tr>
      ))}
    </Table>
  )
}

function namesOf({ postings: [first] }: Payment): string {
  if (!first) return 'Not to be read any more'
  return `${first.fromName ?? first.from} → ${first.toName ?? first.to}`
}
