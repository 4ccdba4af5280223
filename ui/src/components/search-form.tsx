import type { ReactNode } from 'react'

type SearchFormProps = { readonly onSearch: () => void; readonly children: ReactNode }

/** Around one field of a filter: Enter searches. */
export function SearchForm({ onSearch, children }: SearchFormProps) {
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        onSearch()
      }}
    >
      {children}
    </form>
  )
}
