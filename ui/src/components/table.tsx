import type { ReactNode } from 'react'
import { SortIcon } from './icons.tsx'
import { directionOf, nextSort } from './sort-rows.ts'

export type Column = {
  readonly name: string
  readonly align?: 'right'
  readonly className?: string
  /** What the column is called in the URL's `sort`; one without a key cannot be sorted by. */
  readonly sort?: string
  /** For amounts and times, whose largest and newest people look for first. */
  readonly descendingFirst?: boolean
}

/** The order of the rows, which lives in the URL. Who renders the table sorts the rows, or has the server do it. */
export type Sorting = {
  readonly by: string | undefined
  /** What the list's own order is called, where a column stands for it. */
  readonly usual?: string
  readonly onSort: (sort: string | undefined) => void
}

type TableProps = {
  readonly label: string
  readonly columns: readonly Column[]
  readonly sorting?: Sorting
  readonly children: ReactNode
  /** Rows of totals below all others. */
  readonly footer?: ReactNode
}

/**
 * A table that scrolls inside itself where the screen is narrow, with a shadow on the side where there is more, and can
 * be scrolled by keyboard. Its headings sort, and say so.
 *
 * It is the house's own: what @tanstack/react-table would bring is a model of rows, and these rows come sorted,
 * filtered and paged from the server, which alone knows all of them. What is left, to sort the few lists that are here
 * as a whole, is `sortRows`.
 */
export function Table({ label, columns, sorting, children, footer }: TableProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (WCAG 2.1.1)
    <section className="scroll-shadows overflow-x-auto" aria-label={label} tabIndex={0}>
      <table className="w-full text-left text-sm">
        <caption className="sr-only">{label}</caption>
        <thead className="border-b border-line text-xs text-ink-soft">
          <tr className="h-11">
            {columns.map((column) => (
              <Heading key={column.name} column={column} sorting={sorting} />
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-line [&>tr]:h-13">{children}</tbody>
        {footer ? <tfoot className="border-t-2 border-line font-semibold [&>tr]:h-13">{footer}</tfoot> : null}
      </table>
    </section>
  )
}

/** The outer cells keep their distance from the card; inside, columns stand closer. */
const sides = 'px-3 sm:first:pl-5 sm:last:pr-5'

function Heading({ column, sorting }: { readonly column: Column; readonly sorting: Sorting | undefined }) {
  const { name, align, className = '', sort, descendingFirst = false } = column
  const shape = `${sides} font-semibold sm:whitespace-nowrap ${align === 'right' ? 'text-right' : ''} ${className}`
  if (sort === undefined || !sorting) {
    return (
      <th scope="col" className={shape}>
        {name}
      </th>
    )
  }
  const { by, usual, onSort } = sorting
  const direction = directionOf(by ?? usual, sort)
  return (
    <th scope="col" aria-sort={direction} className={shape}>
      <button
        type="button"
        onClick={() => onSort(nextSort(by, sort, { descendingFirst, usual }))}
        className={`min-target -mx-1.5 inline-flex items-center gap-1 rounded px-1.5 font-semibold hover:text-ink
          ${align === 'right' ? 'flex-row-reverse' : ''} ${direction ? 'text-ink' : ''}`}
      >
        {name}
        <SortIcon direction={direction} />
      </button>
    </th>
  )
}

type CellProps = { readonly align?: 'right'; readonly className?: string; readonly children: ReactNode }

export function Cell({ align, className = '', children }: CellProps) {
  return (
    <td className={`${sides} py-1 align-middle ${align === 'right' ? 'text-right' : ''} ${className}`}>{children}</td>
  )
}
