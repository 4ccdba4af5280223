import { type KeyboardEvent, type ReactNode, useId, useState } from 'react'
import { controlClass, FieldFrame } from './field.tsx'

export type AccountChoice = {
  readonly accountId: string
  readonly name: string | null
  readonly note?: string | undefined
}

type AccountPickerProps = {
  readonly label: string
  readonly value: string
  readonly onChange: (accountId: string) => void
  readonly choices: readonly AccountChoice[]
  readonly placeholder?: string | undefined
  readonly hint?: ReactNode
  readonly error?: string | undefined
}

const MAX_SHOWN = 50

/**
 * An account id: typed, or taken from those that are known; the list narrows by id and by name. The combobox pattern of
 * WAI-ARIA, written out: Base UI's hides the rest of the page from assistive technology while its list is open, the
 * field's own label too.
 */
export function AccountPicker({
  label,
  value,
  onChange,
  choices,
  placeholder = 'Account id',
  hint,
  error,
}: AccountPickerProps) {
  const listId = useId()
  const [open, setOpen] = useState(false)
  const [active, setActive] = useState(-1)
  const shown = choices.filter((choice) => matches(choice, value)).slice(0, MAX_SHOWN)
  const listed = open && shown.length > 0
  const take = (choice: AccountChoice | undefined) => {
    if (choice) onChange(choice.accountId)
    setOpen(false)
    setActive(-1)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (step !== 0 && shown.length > 0) {
      event.preventDefault()
      setOpen(true)
      setActive(active < 0 && step < 0 ? shown.length - 1 : (active + step + shown.length) % shown.length)
    } else if (event.key === 'Enter' && listed && active >= 0) {
      event.preventDefault()
      take(shown[active])
    } else if (event.key === 'Escape' && listed) {
      event.preventDefault()
      take(undefined)
    }
  }
  return (
    <FieldFrame label={label} hint={hint} error={error}>
      {(ids) => (
        <div className="relative">
          <input
            {...ids}
            type="text"
            role="combobox"
            aria-autocomplete="list"
            aria-expanded={listed}
            aria-controls={listId}
            aria-activedescendant={listed && active >= 0 ? `${listId}-${active}` : undefined}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            placeholder={placeholder}
            value={value}
            onChange={(event) => {
              onChange(event.target.value)
              setOpen(true)
              setActive(-1)
            }}
            onClick={() => setOpen(true)}
            onBlur={() => take(undefined)}
            onKeyDown={onKeyDown}
            className={controlClass(error !== undefined)}
          />
          <div
            id={listId}
            role="listbox"
            aria-label={`Known accounts for ${label}`}
            hidden={!listed}
            className="absolute inset-x-0 top-full z-20 mt-1.5 max-h-80 overflow-y-auto overscroll-contain rounded-xl
              border border-line bg-raised p-1.5 shadow-float"
          >
            {shown.map((choice, index) => (
              <ChoiceOption
                key={choice.accountId}
                id={`${listId}-${index}`}
                choice={choice}
                active={index === active}
                onHover={() => setActive(index)}
                onTake={() => take(choice)}
              />
            ))}
          </div>
        </div>
      )}
    </FieldFrame>
  )
}

type ChoiceOptionProps = {
  readonly id: string
  readonly choice: AccountChoice
  readonly active: boolean
  readonly onHover: () => void
  readonly onTake: () => void
}

/** Pressing it must not take the focus from the field, which would close the list first. */
function ChoiceOption({ id, choice, active, onHover, onTake }: ChoiceOptionProps) {
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the field has the focus and hears the keys
    <div
      id={id}
      role="option"
      tabIndex={-1}
      aria-selected={active}
      ref={active ? scrollIntoSight : undefined}
      onMouseDown={(event) => event.preventDefault()}
      onMouseMove={active ? undefined : onHover}
      onClick={onTake}
      className={`min-target flex cursor-default items-center justify-between gap-3 rounded-lg px-3 py-1.5
        select-none ${active ? 'bg-accent-wash' : ''}`}
    >
      <span className="min-w-0">
        <span className="block truncate font-medium">{choice.name ?? choice.accountId}</span>
        {choice.name ? <span className="block truncate text-xs text-ink-soft">{choice.accountId}</span> : null}
      </span>
      {choice.note ? <span className="shrink-0 text-xs text-ink-soft">{choice.note}</span> : null}
    </div>
  )
}

function scrollIntoSight(option: HTMLElement | null): void {
  option?.scrollIntoView({ block: 'nearest' })
}

function matches(choice: AccountChoice, typed: string): boolean {
  const wanted = typed.trim().toLowerCase()
  return `${choice.accountId} ${choice.name ?? ''}`.toLowerCase().includes(wanted)
}
