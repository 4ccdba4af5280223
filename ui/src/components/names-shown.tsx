import type { NamesSearch } from '../data/books/finance-search.ts'
import { Button } from './button.tsx'

type NamesShownProps = { readonly names: NamesSearch; readonly onChange: (change: NamesSearch) => void }

/** What narrows a list to the payments of one operation or purpose, each with the way to let it go. */
export function NamesShown({ names: { operation, purpose }, onChange }: NamesShownProps) {
  const shown = [
    { noun: 'Operation', name: operation, letGo: { operation: undefined } },
    { noun: 'Purpose', name: purpose, letGo: { purpose: undefined } },
  ].filter(({ name }) => name !== undefined)
  if (shown.length === 0) return null
  return (
    <ul aria-label="Narrowed to" className="-mt-1 mb-5 flex flex-wrap gap-3">
      {shown.map(({ noun, name, letGo }) => (
        <li key={noun} className="max-w-full">
          <Button
            look="secondary"
            className="max-w-full print:border-0"
            onClick={() => {
              // The button goes, and what had its focus must not lose its place in the page.
              document.querySelector('main')?.focus({ preventScroll: true })
              onChange(letGo)
            }}
          >
            <span className="truncate">
              {noun}: {name || 'not named'}
            </span>
            <span aria-hidden="true" className="text-ink-faint print:hidden">
              ✕
            </span>
            <span className="sr-only">, show all</span>
          </Button>
        </li>
      ))}
    </ul>
  )
}
