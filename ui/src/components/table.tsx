import type { ReactNode } from 'react'

type Column = { readonly name: string; readonly align?: 'right'; readonly className?: string }

type TableProps = { readonly label: string; readonly columns: readonly Column[]; readonly children: ReactNode }

/** A table that scrolls inside itself where the screen is narrow, and can be scrolled by keyboard. */
export function Table({ label, columns, children }: TableProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (WCAG 2.1.1)
    <section className="overflow-x-auto" aria-label={label} tabIndex={0}>
      <table className="w-full text-left text-sm">
        <caption className="sr-only">{label}</caption>
        <thead className="border-b border-line text-xs text-ink-soft">
          <tr>
            {columns.map(({ name, align, className = '' }) => (
              <th
                key={name}
                scope="col"
                className={`px-4 py-3 font-semibold whitespace-nowrap sm:px-5 ${align === 'right' ? 'text-right' : ''} ${className}`}
              >
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-line">{children}</tbody>
      </table>
    </section>
  )
}

type CellProps = { readonly align?: 'right'; readonly className?: string; readonly children: ReactNode }

export function Cell({ align, className = '', children }: CellProps) {
  return (
    <td className={`px-4 py-3 align-middle sm:px-5 ${align === 'right' ? 'text-right' : ''} ${className}`}>
      {children}
    </td>
  )
}
