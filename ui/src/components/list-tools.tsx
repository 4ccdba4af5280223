import { type ReactNode, useRef } from 'react'
import type { Total } from '../money/totals.ts'
import { buttonClass } from './button.tsx'
import { Money } from './money.tsx'
import { type Shortcut, Shortcuts } from './shortcuts.tsx'
import { useKeys } from './use-keys.ts'

type ListToolsProps = {
  /** What the list is called, on a page that shows more than it. */
  readonly heading?: string
  /** Where the same list is a file. */
  readonly csvPath?: string | undefined
  /** What the file is called where it holds more than what is shown. */
  readonly csvName?: string
  /** What is marked; left out where marking makes no sense. */
  readonly marked?: { readonly count: number; readonly totals: readonly Total[] }
  /** What has to be known about the rows, such as that only some of them are sorted. */
  readonly note?: ReactNode
  /** Whether a row leads somewhere. */
  readonly opens?: boolean
  readonly children: ReactNode
}

/**
 * A list with its file, the sum of what is marked in it, and its keys. A row is a `tr`; its first link or button is
 * what it leads to.
 */
export function ListTools({ heading, csvPath, csvName = 'CSV', marked, note, opens = true, children }: ListToolsProps) {
  const list = useRef<HTMLDivElement>(null)
  const keys: Shortcut[] = [
    ['j', 'Next row'],
    ['k', 'Row before'],
    ...(opens ? [['Enter', 'Open the row'] as const] : []),
    ...(marked ? [['x', 'Mark the row, and see the sum of what is marked'] as const] : []),
    ...(csvPath ? [['e', csvName === 'CSV' ? 'Export this list as CSV' : `Export ${csvName}`] as const] : []),
  ]
  useKeys({
    j: () => focusRow(list.current, 1),
    k: () => focusRow(list.current, -1),
    ...(marked ? { x: () => rowsOf(list.current).find(hasFocus)?.querySelector<HTMLElement>('input')?.click() } : {}),
    ...(csvPath ? { e: () => list.current?.querySelector<HTMLElement>('[data-export]')?.click() } : {}),
  })
  return (
    <div ref={list}>
      <div className="mb-3 flex flex-wrap sm:min-h-11 items-center justify-between gap-3 print:hidden">
        {heading ? <h2 className="text-lg font-bold">{heading}</h2> : null}
        <div role="status" className="text-sm text-ink-soft">
          {note}
          {marked && marked.count > 0 ? (
            <p>
              {marked.count} marked:{' '}
              {marked.totals.map(({ currency, minor }) => (
                <span key={currency} className="mr-2 font-semibold text-ink">
                  <Money minor={minor} currency={currency} />
                </span>
              ))}
            </p>
          ) : null}
        </div>
        <div className="ml-auto flex gap-2">
          <Shortcuts keys={keys} />
          {csvPath ? (
            <a href={csvPath} download data-export className={buttonClass('secondary')}>
              {csvName}
            </a>
          ) : null}
        </div>
      </div>
      {children}
    </div>
  )
}

/** Rows that can be seen; a table may be folded away. */
function rowsOf(list: HTMLElement | null): HTMLElement[] {
  const rows = [...(list?.querySelectorAll<HTMLElement>('tbody tr') ?? [])]
  return rows.filter((row) => row.checkVisibility())
}

function hasFocus(row: HTMLElement): boolean {
  return row.contains(document.activeElement)
}

function focusRow(list: HTMLElement | null, by: 1 | -1): void {
  const rows = rowsOf(list)
  const row = rows[Math.min(Math.max(rows.findIndex(hasFocus) + by, 0), rows.length - 1)]
  if (!row) return
  // What a narrow screen shows in another cell is there twice, and one of the two is hidden.
  const lead = [...row.querySelectorAll<HTMLElement>('a, button')].find((each) => each.checkVisibility())
  if (!lead) row.tabIndex = -1
  const target = lead ?? row
  target.focus()
}
