import type { ReconciliationItem } from '@micropay/schemas/api/reconciliation'
import { Link } from '@tanstack/react-router'
import { Badge } from '../../components/badge.tsx'
import { Card } from '../../components/card.tsx'
import { Money } from '../../components/money.tsx'
import { type Sorts, sortRows } from '../../components/sort-rows.ts'
import { Cell, type Column, type Sorting, Table } from '../../components/table.tsx'
import { timeIn } from '../../time/reporting-zone.ts'

const columns: readonly Column[] = [
  { name: 'State', sort: 'state', className: 'hidden sm:table-cell' },
  { name: 'Bank', sort: 'booked', descendingFirst: true },
  {
    ...{ name: 'Bank amount', align: 'right', sort: 'bank', descendingFirst: true },
    className: 'hidden sm:table-cell',
  },
  { name: 'Ledger', sort: 'value', descendingFirst: true },
  {
    ...{ name: 'Ledger amount', align: 'right', sort: 'ledger', descendingFirst: true },
    className: 'hidden sm:table-cell',
  },
]

/** What the entries add up to, in the bank's sign, so that both columns can be compared. */
const ledgerAmount = ({ entries }: ReconciliationItem) =>
  entries.length > 0 ? -entries.reduce((sum, { amount }) => sum + BigInt(amount), 0n) : null

const itemSorts: Sorts<ReconciliationItem> = {
  state: { of: ({ kind, matchedBy }) => `${kind} ${matchedBy ?? ''}` },
  booked: { of: ({ line }) => line?.bookedOn ?? null },
  bank: { of: ({ bankAmount }) => (bankAmount === null ? null : BigInt(bankAmount)) },
  value: { of: ({ entry }) => entry?.effectiveAt ?? null },
  ledger: { of: ledgerAmount },
}

/** Whether any text of a line or of its entry holds what is searched, whatever its case. */
export function holdsText({ line, entries }: ReconciliationItem, text: string): boolean {
  const texts = [
    ...[line?.counterparty, line?.text, ...(line?.references ?? [])],
    ...(line?.details.flatMap((detail) => [detail.counterparty, detail.text]) ?? []),
    ...entries.flatMap((entry) => [entry.counterparty, entry.reference, entry.description, entry.paymentId]),
  ]
  return texts.some((each) => each?.toLowerCase().includes(text.toLowerCase()))
}

type ItemTableProps = {
  readonly title: string
  readonly items: readonly ReconciliationItem[]
  readonly currency: string
  readonly zone: string
  readonly sorting: Sorting
}

export function ItemTable({ title, items, currency, zone, sorting }: ItemTableProps) {
  return (
    <section className="mb-8">
      <h2 className="mb-3 text-lg font-bold">{title}</h2>
      {items.length > 0 ? (
        <Card className="overflow-hidden">
          <Table label={title} columns={columns} sorting={sorting}>
            {sortRows(items, itemSorts, sorting.by).map((item) => (
              <ItemRow
                key={`${item.lineNumber} ${item.detailNumber} ${item.entry?.position} ${item.entry?.index}`}
                item={item}
                currency={currency}
                zone={zone}
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

type ItemRowProps = { readonly item: ReconciliationItem; readonly currency: string; readonly zone: string }

function ItemRow({ item, currency, zone }: ItemRowProps) {
  const { line, entry, bankAmount } = item
  const ledger = ledgerAmount(item)
  return (
    <tr className="hover:bg-sunken">
      <Cell className="hidden whitespace-nowrap sm:table-cell">
        <KindBadge item={item} />
      </Cell>
      <Cell className="w-1/2 py-2 break-words sm:w-auto sm:min-w-44">
        <span className="mb-1 block sm:hidden">
          <KindBadge item={item} />
        </span>
        {line ? <BankSide item={item} line={line} currency={currency} /> : null}
      </Cell>
      <Cell align="right" className="hidden sm:table-cell">
        {bankAmount === null ? null : <Money minor={bankAmount} currency={currency} signed />}
      </Cell>
      <Cell className="w-1/2 break-words sm:w-auto sm:min-w-44">
        {entry ? (
          <>
            <Link
              to="/payments/$paymentId"
              params={{ paymentId: entry.paymentId }}
              className="flex min-h-11 flex-col justify-center text-accent hover:underline"
            >
              {new Set(item.entries.map(({ counterparty }) => counterparty)).size > 1
                ? `${item.entries.length} entries of one payment`
                : entry.counterparty}
              <span className="text-xs text-ink-faint">
                {[timeIn(zone, entry.effectiveAt).slice(0, 10), entry.reference].filter(Boolean).join(', ')}
              </span>
            </Link>
            {ledger === null ? null : (
              <Money minor={ledger.toString()} currency={currency} signed className="block sm:hidden" />
            )}
          </>
        ) : null}
      </Cell>
      <Cell align="right" className="hidden sm:table-cell">
        {ledger === null ? null : <Money minor={ledger.toString()} currency={currency} signed />}
      </Cell>
    </tr>
  )
}

type BankSideProps = {
  readonly item: ReconciliationItem
  readonly line: NonNullable<ReconciliationItem['line']>
  readonly currency: string
}

/** What the bank says of a line, or of the one of its transactions that the item is about. */
function BankSide({ item, line, currency }: BankSideProps) {
  const { lineNumber, detailNumber, repeats, bankAmount } = item
  const detail = detailNumber === null ? undefined : line.details[detailNumber - 1]
  const { counterparty, text } = detail ?? line
  const [reference] = detail ? Object.values(detail.referenceKinds).flat() : line.references
  const batch =
    line.batch === null ? undefined : detail ? `${detailNumber} of a batch of ${line.batch}` : `batch of ${line.batch}`
  return (
    <>
      <span className="block">{counterparty ?? text ?? reference ?? `Line ${lineNumber}`}</span>
      <span className="block text-xs text-ink-faint">
        {[line.bookedOn, batch, reference].filter(Boolean).join(', ')}
      </span>
      {repeats ? (
        <span className="block text-xs text-ink-faint">
          Line {repeats.lineNumber} of {repeats.statementId}
        </span>
      ) : null}
      {bankAmount === null ? null : <Money minor={bankAmount} currency={currency} signed className="block sm:hidden" />}
    </>
  )
}

function KindBadge({ item }: { readonly item: ReconciliationItem }) {
  if (item.kind === 'missing_here') return <Badge tone="bad">Missing here</Badge>
  if (item.kind === 'missing_there') return <Badge tone="warn">Missing at the bank</Badge>
  if (item.kind === 'differing_amount') return <Badge tone="warn">Amounts differ</Badge>
  if (item.kind === 'repeated') return <Badge>On an earlier statement</Badge>
  if (item.kind === 'withdrawn') return <Badge>Withdrawn</Badge>
  if (item.kind === 'information') return <Badge>Moves nothing</Badge>
  return <Badge tone="good">{item.matchedBy === 'reference' ? 'By reference' : 'By amount'}</Badge>
}
