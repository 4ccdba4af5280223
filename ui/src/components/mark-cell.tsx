import { useState } from 'react'
import { Cell } from './table.tsx'

export const markColumn = { name: 'Mark', className: 'hidden w-16 sm:table-cell print:hidden' } as const

type MarkCellProps = { readonly label: string; readonly marked: boolean; readonly onToggle: () => void }

/** Marks a row, to see what the marked ones sum up to. */
export function MarkCell({ label, marked, onToggle }: MarkCellProps) {
  return (
    <Cell className="hidden w-16 sm:table-cell print:hidden">
      <label className="flex size-11 items-center justify-center">
        <input
          type="checkbox"
          aria-label={label}
          checked={marked}
          onChange={onToggle}
          className="size-4 accent-(--accent)"
        />
      </label>
    </Cell>
  )
}

export type Marks = { readonly has: (key: string) => boolean; readonly toggle: (key: string) => void }

/** The rows that are marked, by key; they are forgotten with the page. */
export function useMarks(): Marks {
  const [marked, setMarked] = useState<ReadonlySet<string>>(new Set())
  return {
    has: (key) => marked.has(key),
    toggle: (key) =>
      setMarked((before) => {
        const after = new Set(before)
        if (!after.delete(key)) after.add(key)
        return after
      }),
  }
}
