import { useEffect, useState } from 'react'
import { TextField } from './field.tsx'
import { SearchForm } from './search-form.tsx'

type SearchFieldProps = {
  readonly label: string
  readonly value: string
  readonly placeholder?: string
  readonly hint?: string
  /** What is wrong with a text that cannot be searched for; it stays in the field, and nothing is asked. */
  readonly errorOf?: (text: string) => string | undefined
  /** Called with the trimmed text on Enter and on leaving the field. */
  readonly onSearch: (text: string) => void
}

/** A filter that is answered by the server, so it waits until one is done typing. */
export function SearchField({ label, value, placeholder, hint, errorOf, onSearch }: SearchFieldProps) {
  const [typed, setTyped] = useState(value)
  const [error, setError] = useState<string>()
  useEffect(() => {
    setTyped(value)
    setError(undefined)
  }, [value])
  const search = () => {
    const text = typed.trim()
    const wrong = text === '' ? undefined : errorOf?.(text)
    setError(wrong)
    if (wrong === undefined && text !== value) onSearch(text)
  }
  return (
    <SearchForm onSearch={search}>
      <TextField
        label={label}
        type="search"
        enterKeyHint="search"
        autoCapitalize="none"
        spellCheck={false}
        placeholder={placeholder}
        {...(hint ? { hint } : {})}
        error={error}
        value={typed}
        onChange={setTyped}
        onBlur={search}
      />
    </SearchForm>
  )
}
