import type { ReactNode } from 'react'
import { sidesOf } from '../money/totals.ts'
import { AccountLink } from './account-link.tsx'
import { Money } from './money.tsx'
import { Cell, Table } from './table.tsx'

const columns = [
  { name: 'Account' },
  { name: 'Amount', align: 'right', className: 'sm:hidden' },
  { name: 'Out', align: 'right', className: 'hidden sm:table-cell' },
  { name: 'In', align: 'right', className: 'hidden sm:table-cell' },
] as const

type Leg = { readonly account: string; readonly amount: string; readonly currency: string }

type LegTableProps<Shown extends Leg> = {
  readonly legs: readonly Shown[]
  readonly nameOf: (leg: Shown) => string | null | undefined
  /** What is to say of a leg below its account. */
  readonly note?: (leg: Shown, index: number) => ReactNode
}

/**
 * What leaves which account and what comes to which, each leg in a line, and what that is together where all legs are
 * there.
 */
export function LegTable<Shown extends Leg>({ legs, nameOf, note }: LegTableProps<Shown>) {
  const totals = sidesOf(legs)
  const rows = totals.map(({ currency, outMinor, inMinor }) => (
    <tr key={currency}>
      <Cell>Total {totals.length > 1 ? currency : ''}</Cell>
      <Cell align="right" className="sm:hidden">
        <Money minor={outMinor.toString()} currency={currency} />
      </Cell>
      <Cell align="right" className="hidden sm:table-cell">
        <Money minor={outMinor.toString()} currency={currency} />
      </Cell>
      <Cell align="right" className="hidden sm:table-cell">
        <Money minor={inMinor.toString()} currency={currency} />
      </Cell>
    </tr>
  ))
  const isWhole = totals.every(({ outMinor, inMinor }) => outMinor === inMinor)
  return (
    <Table label="Legs" columns={columns} footer={isWhole ? rows : null}>
      {legs.map((leg, index) => {
        const { account, amount, currency } = leg
        const out = amount.startsWith('-')
        const minor = amount.replace('-', '')
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: the order of legs never changes
          <tr key={index}>
            <Cell className="w-full max-w-0 break-words sm:w-auto sm:max-w-96">
              <AccountLink accountId={account} name={nameOf(leg)} />
              {note ? (
                <span className="block pb-1.5 text-xs text-ink-soft empty:hidden">{note(leg, index)}</span>
              ) : null}
            </Cell>
            <Cell align="right" className="font-semibold sm:hidden">
              <Money minor={minor} currency={currency} />
              <span className="block text-xs font-normal text-ink-soft">
                {amount === '0' ? null : out ? 'Out' : 'In'}
              </span>
            </Cell>
            <Cell align="right" className="hidden font-semibold sm:table-cell">
              {out ? <Money minor={minor} currency={currency} /> : null}
            </Cell>
            <Cell align="right" className="hidden font-semibold sm:table-cell">
              {out ? null : <Money minor={minor} currency={currency} />}
            </Cell>
          </tr>
        )
      })}
    </Table>
  )
}
