import { type ComponentProps, type ReactNode, useId } from 'react'
import { ChevronIcon } from './icons.tsx'

type FieldProps = {
  readonly label: string
  readonly hint?: ReactNode
  readonly error?: string | undefined
  readonly optional?: boolean
}

const control =
  'min-target w-full rounded-lg border bg-surface px-3 text-base text-ink placeholder:text-ink-faint ' +
  'disabled:opacity-60'

export function controlClass(wrong: boolean, extra = ''): string {
  return `${control} ${wrong ? 'border-bad' : 'border-line-strong'} ${extra}`
}

type FrameProps = FieldProps & {
  readonly children: (ids: {
    id: string
    'aria-describedby': string | undefined
    'aria-invalid': true | undefined
  }) => ReactNode
}

/**
 * Label, control, hint and error, tied together for assistive technology; the error's line is part of the layout's
 * flow.
 */
export function FieldFrame({ label, hint, error, optional = false, children }: FrameProps) {
  const id = useId()
  const describedBy = [hint ? `${id}-hint` : '', error ? `${id}-error` : ''].filter(Boolean).join(' ')
  return (
    <div>
      <div className="mb-1.5 flex items-baseline justify-between gap-3 text-sm">
        <label htmlFor={id} className="font-semibold">
          {label}
        </label>
        {optional ? <span className="text-xs text-ink-faint">Optional</span> : null}
      </div>
      {children({ id, 'aria-describedby': describedBy || undefined, 'aria-invalid': error ? true : undefined })}
      {error ? (
        <p id={`${id}-error`} className="mt-1.5 text-sm font-medium text-bad">
          {error}
        </p>
      ) : null}
      {hint ? (
        <p id={`${id}-hint`} className="mt-1.5 text-sm text-ink-soft">
          {hint}
        </p>
      ) : null}
    </div>
  )
}

type TextFieldProps = FieldProps &
  Omit<ComponentProps<'input'>, 'id' | 'onChange'> & { readonly onChange: (value: string) => void }

export function TextField({ label, hint, error, optional = false, onChange, className, ...input }: TextFieldProps) {
  return (
    <FieldFrame label={label} hint={hint} error={error} optional={optional}>
      {(ids) => (
        <input
          type="text"
          autoComplete="off"
          {...input}
          {...ids}
          onChange={(event) => onChange(event.target.value)}
          className={controlClass(error !== undefined, className)}
        />
      )}
    </FieldFrame>
  )
}

type SelectFieldProps = FieldProps &
  Omit<ComponentProps<'select'>, 'id' | 'onChange'> & { readonly onChange: (value: string) => void }

/** The platform's own list: the best there is on a phone, and known to every assistive technology. */
export function SelectField({ label, hint, error, optional = false, onChange, children, ...select }: SelectFieldProps) {
  return (
    <FieldFrame label={label} hint={hint} error={error} optional={optional}>
      {(ids) => (
        <div className="relative">
          <select
            {...select}
            {...ids}
            onChange={(event) => onChange(event.target.value)}
            className={controlClass(error !== undefined, 'appearance-none truncate pr-8')}
          >
            {children}
          </select>
          <ChevronIcon className="pointer-events-none absolute inset-y-0 right-3 my-auto size-4 text-ink-soft" />
        </div>
      )}
    </FieldFrame>
  )
}

type AmountFieldProps = {
  readonly label: string
  readonly currency: string
  readonly value: string
  readonly onChange: (value: string) => void
  readonly error?: string | undefined
  readonly hint?: ReactNode
  readonly optional?: boolean
  /** One of many, beside others. */
  readonly compact?: boolean
}

/** An amount in major units: text, since a number field would round, scroll and lose digits. */
export function AmountField({
  label,
  currency,
  value,
  onChange,
  error,
  hint,
  optional = false,
  compact = false,
}: AmountFieldProps) {
  return (
    <FieldFrame label={label} hint={hint} error={error} optional={optional}>
      {(ids) => (
        <div className="relative">
          <input
            {...ids}
            type="text"
            inputMode="decimal"
            autoComplete="off"
            value={value}
            onChange={(event) => onChange(event.target.value)}
            className={controlClass(
              error !== undefined,
              compact ? 'pr-13 tabular-nums' : 'h-14 pr-16 text-2xl font-semibold tabular-nums',
            )}
          />
          <span
            className={`pointer-events-none absolute inset-y-0 flex items-center font-semibold text-ink-soft
              ${compact ? 'right-3 text-xs' : 'right-4 text-sm'}`}
          >
            {currency}
          </span>
        </div>
      )}
    </FieldFrame>
  )
}
