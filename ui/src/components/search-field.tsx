import { useEffect, useState } from 'react'
import { TextField } from './field.tsx'

type SearchFieldProps = {
  readonly label: string
  readonly value: string
  readonly placeholder?: string
  readonly hint?: string
  /** Called with the trimmed text on Enter and on leaving the field. */
  readonly onSearch: (text: string) => void
}

/** A filter that is answered by the server, so it waits until one is done typing. */
export function SearchField({ label, value, placeholder, hint, onSearch }: SearchFieldProps) {
  const [typed, setTyped] = useState(value)
  useEffect(() => setTyped(value), [value])
  const search = () => {
    if (typed.trim() !== value) onSearch(typed.trim())
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        search()
      }}
    >
      <TextField
        label={label}
        type="search"
        enterKeyHint="search"
        autoCapitalize="none"
        spellCheck={false}
        placeholder={placeholder}
        {...(hint ? { hint } : {})}
        value={typed}
        onChange={setTyped}
        onBlur={search}
      />
    </form>
  )
}
