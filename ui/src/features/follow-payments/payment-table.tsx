import type { Payment } from '@micropay/schemas/api/payment'
import { Link } from '@tanstack/react-router'
import { PaymentStatusBadge } from '../../components/badge.tsx'
import { Instant } from '../../components/instant.tsx'
import { MarkCell, type Marks, markColumn } from '../../components/mark-cell.tsx'
import { Money } from '../../components/money.tsx'
import { Cell, type Column, type Sorting, Table } from '../../components/table.tsx'
import { amountsOf, type OwnAmount } from '../../data/payments/movement.ts'
import { partiesOf } from '../../data/payments/parties.ts'
import { movedBy } from '../../money/totals.ts'
import { isSameDay, ownZone } from '../../time/reporting-zone.ts'

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
  /** The reader's own accounts, from whose side amounts have a sign; who sees the accounts of all has no side. */
  readonly own: ReadonlySet<string> | undefined
  readonly byValueDate: boolean
  readonly zone: string | undefined
  readonly sorting: Sorting
}

export function PaymentTable({ payments, marks, own, byValueDate, zone, sorting }: PaymentTableProps) {
  return (
    <Table label="Payments" columns={columnsBy(byValueDate)} sorting={sorting}>
      {payments.map((payment) => (
        <tr key={payment.paymentId} className="hover:bg-sunken">
          <MarkCell
            label={`Mark ${payment.paymentId}`}
            marked={marks.has(payment.paymentId)}
            onToggle={() => marks.toggle(payment.paymentId)}
          />
          <Cell className="w-full max-w-0 sm:w-auto sm:max-w-80">
            <Link
              to="/payments/$paymentId"
              params={{ paymentId: payment.paymentId }}
              className="flex min-h-11 flex-col justify-center hover:text-accent"
            >
              <span className="line-clamp-2 font-medium break-words">{wordsOf(payment)}</span>
              <Unseen payment={payment} byValueDate={byValueDate} zone={zone} />
              <span className="truncate text-xs text-ink-faint">
                {payment.paymentId}
                {payment.reverses ? ' · refund' : payment.kind ? ` · ${payment.kind}` : ''}
              </span>
            </Link>
          </Cell>
          <Cell className="hidden max-w-48 truncate lg:table-cell">
            {payment.reference ?? <span className="text-ink-faint">–</span>}
          </Cell>
          <Cell className="hidden text-ink-soft md:table-cell">
            <Time payment={payment} byValueDate={byValueDate} zone={zone} />
          </Cell>
          <Cell className="hidden sm:table-cell">
            <PaymentStatusBadge status={payment.status} />
          </Cell>
          <Cell align="right" className="font-semibold">
            {amountsSeen(payment, own).map(({ currency, amountMinor, moved }) => (
              <span
                key={currency}
                className={`block ${payment.status === 'rejected' ? 'font-normal text-ink-faint line-through' : ''}`}
              >
                <Money minor={amountMinor} currency={currency} signed={moved} />
              </span>
            ))}
            {payment.status === 'rejected' ? <span className="block text-xs text-bad sm:hidden">Refused</span> : null}
            {payment.status === 'pending' ? <span className="block text-xs text-warn sm:hidden">Under way</span> : null}
          </Cell>
        </tr>
      ))}
    </Table>
  )
}

/** Who pays whom; a refund that was refused does not always say on which accounts. */
function wordsOf({ legs, reverses }: Payment): string {
  return legs.length === 0 && reverses ? `Refund of ${reverses.paymentId}` : partiesOf(legs)
}

type TimeProps = { readonly payment: Payment; readonly byValueDate: boolean; readonly zone: string | undefined }

/**
 * When it was decided, with its value date where that is another day, as it is for what was imported; or the value date
 * that it is sorted by.
 */
function Time({ payment: { effectiveAt, decidedAt }, byValueDate, zone }: TimeProps) {
  if (byValueDate) return <Instant at={effectiveAt} zone={zone} />
  return (
    <>
      <Instant at={decidedAt} zone={zone} />
      {isSameDay(zone ?? ownZone, effectiveAt, decidedAt) ? null : (
        <span className="block text-xs whitespace-nowrap">
          Value date <Instant at={effectiveAt} show="day" zone={zone} />
        </span>
      )}
    </>
  )
}

/** What the columns hold for which the screen is too narrow. */
function Unseen({ payment, byValueDate, zone }: TimeProps) {
  return (
    <span className="line-clamp-4 text-xs break-words text-ink-soft lg:hidden">
      <span className="block md:hidden">
        <Time payment={payment} byValueDate={byValueDate} zone={zone} />
      </span>
      {payment.reference}
    </span>
  )
}

function amountsSeen(payment: Payment, own: ReadonlySet<string> | undefined): readonly OwnAmount[] {
  if (own !== undefined) return amountsOf(payment, own)
  return movedBy(payment.legs).map(({ currency, minor }) => ({ currency, amountMinor: minor, moved: false }))
}
