import type { ReactNode } from 'react'

type FiltersProps = {
  /** How many fields stand beside each other where there is room. */
  readonly across?: 2 | 3 | 4 | 5
  readonly children: ReactNode
}

const columns = { 2: '', 3: 'lg:grid-cols-3', 4: 'lg:grid-cols-4', 5: 'lg:grid-cols-5' } as const

/**
 * What narrows a list, above it; two fields beside each other on a phone, so that the list is not pushed out of sight.
 */
export function Filters({ across = 4, children }: FiltersProps) {
  return (
    <search className={`mb-5 grid grid-cols-2 items-start gap-x-3 gap-y-4 sm:gap-x-4 print:hidden ${columns[across]}`}>
      {children}
    </search>
  )
}
