import type { DailyTotal } from '@micropay/schemas/api/reconciliation'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { Money } from '../../components/money.tsx'
import type { Sorts } from '../../components/sort-rows.ts'
import { Cell, type Column, type Sorting, Table } from '../../components/table.tsx'
import type { DailyRequest } from '../../data/books/get-daily-totals.ts'
import { addUp, netOf } from './add-up.ts'

const groupNames = { account: 'Account', operation: 'Operation', purpose: 'Purpose' } as const

const columnsBy = (by: DailyRequest['by']): readonly Column[] => [
  { name: 'Day', sort: 'day' },
  ...(by === 'none' ? [] : [{ name: groupNames[by], sort: 'group', className: 'hidden sm:table-cell' }]),
  { ...{ name: 'In', align: 'right', sort: 'in', descendingFirst: true }, className: 'hidden sm:table-cell' },
  { ...{ name: 'Out', align: 'right', sort: 'out', descendingFirst: true }, className: 'hidden sm:table-cell' },
  { name: 'In and out', align: 'right', className: 'sm:hidden' },
  { name: 'Net', align: 'right', sort: 'net', descendingFirst: true, className: 'hidden md:table-cell' },
  { ...{ name: 'Entries', align: 'right', sort: 'entries', descendingFirst: true }, className: 'hidden sm:table-cell' },
]

const inCurrency = ({ currency }: DailyTotal) => currency
export const dailySorts: Sorts<DailyTotal> = {
  day: { of: ({ day }) => day },
  group: { of: ({ group }) => group || null },
  in: { of: (total) => BigInt(total.in), within: inCurrency },
  out: { of: (total) => BigInt(total.out), within: inCurrency },
  net: { of: netOf, within: inCurrency },
  entries: { of: ({ entries }) => entries },
}

type DailyTotalsTableProps = {
  /** All totals, which the last rows sum up. */
  readonly totals: readonly DailyTotal[]
  /** Those that have a row, in their order. */
  readonly shown: readonly DailyTotal[]
  readonly request: DailyRequest
  readonly sorting: Sorting
}

export function DailyTotalsTable({ totals, shown, request, sorting }: DailyTotalsTableProps) {
  const { by } = request
  return (
    <Table
      label="Daily totals"
      columns={columnsBy(by)}
      sorting={sorting}
      footer={addUp(totals).map(({ currency, inMinor, outMinor, entries }) => (
        <tr key={currency}>
          <th scope="row" className="pl-3 text-left sm:pl-5 sm:whitespace-nowrap">
            Total {currency}
            <span className="block text-xs font-normal text-ink-soft sm:hidden">{entriesWord(entries)}</span>
          </th>
          {by === 'none' ? null : <Cell className="hidden sm:table-cell">{null}</Cell>}
          <Amounts inMinor={inMinor} outMinor={outMinor} currency={currency} />
          <Cell align="right" className="hidden sm:table-cell">
            {entries.toLocaleString()}
          </Cell>
        </tr>
      ))}
    >
      {shown.map((total) => (
        <tr key={`${total.day} ${total.group} ${total.currency}`} className="hover:bg-sunken">
          <Cell>
            <span className="block whitespace-nowrap">{total.day}</span>
            {by === 'none' ? null : (
              <span className="block text-xs wrap-anywhere text-ink-soft sm:hidden">{total.group || 'Not named'}</span>
            )}
            <span className="block text-xs sm:hidden">
              <EntriesLink total={total} request={request}>
                {entriesWord(total.entries)}
              </EntriesLink>
            </span>
          </Cell>
          {by === 'none' ? null : (
            <Cell className="hidden max-w-56 break-words sm:table-cell">
              {total.group || <span className="text-ink-faint">Not named</span>}
            </Cell>
          )}
          <Amounts inMinor={BigInt(total.in)} outMinor={BigInt(total.out)} currency={total.currency} />
          <Cell align="right" className="hidden sm:table-cell">
            <EntriesLink total={total} request={request}>
              {total.entries.toLocaleString()}
            </EntriesLink>
          </Cell>
        </tr>
      ))}
    </Table>
  )
}

type AmountsProps = { readonly inMinor: bigint; readonly outMinor: bigint; readonly currency: string }

function Amounts({ inMinor, outMinor, currency }: AmountsProps) {
  return (
    <>
      <Cell align="right" className="hidden sm:table-cell">
        {inMinor === 0n ? '' : <Money minor={inMinor.toString()} currency={currency} />}
      </Cell>
      <Cell align="right" className="hidden sm:table-cell">
        {outMinor === 0n ? '' : <Money minor={outMinor.toString()} currency={currency} />}
      </Cell>
      <Cell align="right" className="sm:hidden">
        {inMinor === 0n ? '' : <Money minor={inMinor.toString()} currency={currency} signed className="block" />}
        {outMinor === 0n ? '' : <Money minor={(-outMinor).toString()} currency={currency} className="block" />}
      </Cell>
      <Cell align="right" className="hidden md:table-cell">
        <Money minor={(inMinor - outMinor).toString()} currency={currency} signed />
      </Cell>
    </>
  )
}

function entriesWord(count: number): string {
  return `${count.toLocaleString()} ${count === 1 ? 'entry' : 'entries'}`
}

type EntriesLinkProps = {
  readonly total: DailyTotal
  readonly request: DailyRequest
  readonly children: ReactNode
}

/** What a total is made of: one account's day leads to its entries, any other day to its accounts. */
function EntriesLink({ total, request, children }: EntriesLinkProps) {
  const { day, currency } = total
  const { by, zone, account, type } = request
  const entries = entriesWord(total.entries)
  const look = 'inline-flex min-h-11 items-center text-accent underline-offset-4 hover:underline'
  const named = by === 'operation' || by === 'purpose' ? { [by]: total.group } : {}
  const names = { operation: request.operation, purpose: request.purpose, ...named }
  const accountId = by === 'account' ? total.group : account
  const of = (['operation', 'purpose'] as const)
    .filter((noun) => names[noun] !== undefined)
    .map((noun) => `, ${noun} ${names[noun] || 'not named'}`)
    .join('')
  if (accountId !== undefined) {
    return (
      <Link
        to="/trial-balance/$accountId"
        params={{ accountId }}
        search={{ from: day, day, zone, ...names }}
        aria-label={`${entries} of ${accountId} on ${day}${of}`}
        className={look}
      >
        {children}
      </Link>
    )
  }
  return (
    <Link
      to="/daily-totals"
      search={{ from: day, to: day, by: 'account', zone, currency, type, ...names }}
      aria-label={`${entries} on ${day} in ${currency}${of}, by account`}
      className={look}
    >
      {children}
    </Link>
  )
}
