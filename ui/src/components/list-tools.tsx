import { type ReactNode, useEffect, useRef } from 'react'
import type { Total } from '../money/totals.ts'
import { Button, buttonClass } from './button.tsx'
import { Money } from './money.tsx'

type ListToolsProps = {
  /** Where the same list is a file. */
  readonly csvPath: string
  readonly marked: number
  readonly totals: readonly Total[]
  readonly children: ReactNode
}

const keys = [
  ['j', 'Next row'],
  ['k', 'Row before'],
  ['Enter', 'Open the row'],
  ['x', 'Mark the row, and see the sum of what is marked'],
  ['e', 'Export this list as CSV'],
  ['?', 'Show these keys'],
] as const

/** A list with its file, the sum of what is marked in it, and its keys; a row is a `tr` with a link and a checkbox. */
export function ListTools({ csvPath, marked, totals, children }: ListToolsProps) {
  const list = useRef<HTMLDivElement>(null)
  const help = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (!list.current || isTyping(event) || help.current?.open) return
      if (event.key === '?') help.current?.showModal()
      else if (!actOn(event.key, list.current)) return
      event.preventDefault()
    }
    document.addEventListener('keydown', onKeyDown)
    return () => document.removeEventListener('keydown', onKeyDown)
  }, [])
  return (
    <div ref={list}>
      <div className="mb-3 flex min-h-11 flex-wrap items-center justify-between gap-3 print:hidden">
        <p role="status" className="text-sm text-ink-soft">
          {marked === 0 ? null : (
            <>
              {marked} marked:{' '}
              {totals.map(({ currency, minor }) => (
                <span key={currency} className="mr-2 font-semibold text-ink">
                  <Money minor={minor} currency={currency} />
                </span>
              ))}
            </>
          )}
        </p>
        <div className="flex gap-2">
          <Button look="quiet" onClick={() => help.current?.showModal()}>
            Shortcuts ?
          </Button>
          <a href={csvPath} download data-export className={buttonClass('secondary')}>
            CSV
          </a>
        </div>
      </div>
      {children}
      <dialog
        ref={help}
        aria-label="Keyboard shortcuts"
        className="m-auto max-w-md rounded-2xl border border-line bg-raised p-6 text-ink shadow-float backdrop:bg-shade"
      >
        <h2 className="mb-3 text-lg font-bold">Keyboard shortcuts</h2>
        <dl className="mb-5 grid grid-cols-[auto_1fr] gap-x-5 gap-y-2">
          {keys.map(([key, does]) => (
            <div key={key} className="contents">
              <dt>
                <kbd className="rounded border border-line-strong bg-sunken px-2 py-0.5 text-sm">{key}</kbd>
              </dt>
              <dd className="text-ink-soft">{does}</dd>
            </div>
          ))}
        </dl>
        <Button look="secondary" onClick={() => help.current?.close()}>
          Close
        </Button>
      </dialog>
    </div>
  )
}

function isTyping({ target, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean {
  if (ctrlKey || metaKey || altKey || !(target instanceof HTMLElement)) return true
  if (target instanceof HTMLInputElement && target.type === 'checkbox') return false
  return target.matches('input, select, textarea, [contenteditable], [role="dialog"] *, [role="alertdialog"] *')
}

/** Whether the key means something here. */
function actOn(key: string, list: HTMLElement): boolean {
  const rows = [...list.querySelectorAll<HTMLElement>('tbody tr')]
  const at = rows.findIndex((row) => row.contains(document.activeElement))
  if (key === 'j') focusRow(rows[Math.min(at + 1, rows.length - 1)])
  else if (key === 'k') focusRow(rows[Math.max(at - 1, 0)])
  else if (key === 'x') rows[at]?.querySelector<HTMLInputElement>('input[type="checkbox"]')?.click()
  else if (key === 'e') list.querySelector<HTMLElement>('[data-export]')?.click()
  else return false
  return true
}

function focusRow(row: HTMLElement | undefined): void {
  row?.querySelector<HTMLElement>('a')?.focus()
}
