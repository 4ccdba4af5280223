import { Autocomplete } from '@base-ui/react/autocomplete'
import type { ReactNode } from 'react'
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
  readonly hint?: ReactNode
  readonly error?: string | undefined
}

/** An account id: typed, or taken from those that are known; the list narrows by id and by name. */
export function AccountPicker({ label, value, onChange, choices, hint, error }: AccountPickerProps) {
  return (
    <FieldFrame label={label} hint={hint} error={error}>
      {(ids) => (
        <Autocomplete.Root
          items={choices}
          value={value}
          onValueChange={onChange}
          itemToStringValue={(choice: AccountChoice) => choice.accountId}
          filter={(choice: AccountChoice, typed) => matches(choice, typed)}
          openOnInputClick
        >
          <Autocomplete.Input
            {...ids}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            placeholder="Account id"
            className={controlClass(error !== undefined)}
          />
          <Autocomplete.Portal>
            <Autocomplete.Positioner className="z-40 outline-hidden" sideOffset={6}>
              <Autocomplete.Popup className="w-[var(--anchor-width)] max-w-[var(--available-width)] overflow-hidden rounded-xl border border-line bg-raised shadow-float data-empty:hidden">
                <Autocomplete.List className="max-h-[min(20rem,var(--available-height))] overflow-y-auto overscroll-contain p-1.5 outline-0">
                  {(choice: AccountChoice) => (
                    <Autocomplete.Item
                      key={choice.accountId}
                      value={choice}
                      className="min-target flex cursor-default items-center justify-between gap-3 rounded-lg px-3 py-1.5 outline-hidden select-none data-highlighted:bg-accent-wash"
                    >
                      <span className="min-w-0">
                        <span className="block truncate font-medium">{choice.name ?? choice.accountId}</span>
                        {choice.name ? (
                          <span className="block truncate text-xs text-ink-soft">{choice.accountId}</span>
                        ) : null}
                      </span>
                      {choice.note ? <span className="shrink-0 text-xs text-ink-soft">{choice.note}</span> : null}
                    </Autocomplete.Item>
                  )}
                </Autocomplete.List>
              </Autocomplete.Popup>
            </Autocomplete.Positioner>
          </Autocomplete.Portal>
        </Autocomplete.Root>
      )}
    </FieldFrame>
  )
}

function matches(choice: AccountChoice, typed: string): boolean {
  const wanted = typed.trim().toLowerCase()
  return `${choice.accountId} ${choice.name ?? ''}`.toLowerCase().includes(wanted)
}
