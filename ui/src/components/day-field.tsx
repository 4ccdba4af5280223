import { useEffect, useState } from 'react'
import { areDaysInOrder, daysOrder } from '../data/search/ranges.ts'
import { daysWords, firstDay, isAskable, lastDay } from '../time/days.ts'
import { TextField } from './field.tsx'
import { useRange } from './use-range.ts'

type DayFieldProps = {
  readonly label: string
  readonly value: string | undefined
  readonly onChange: (day: string | undefined) => void
  readonly min?: string | undefined
  readonly max?: string | undefined
  readonly error?: string | undefined
  readonly hint?: string
  readonly optional?: boolean
}

/**
 * A calendar day by the platform's own field, which keeps a day that cannot be asked for and says so. While one types,
 * years like 0002 come by: they are wrong only once one leaves the field.
 */
export function DayField({ value = '', onChange, min, max, error, ...field }: DayFieldProps) {
  const [typed, setTyped] = useState(value)
  const [isTyped, setIsTyped] = useState(false)
  useEffect(() => setTyped(value), [value])
  const isWrong = typed !== '' && !isAskable(typed) && (isTyped || typed >= '1000')
  return (
    <TextField
      {...field}
      type="date"
      min={min ?? firstDay}
      max={max ?? lastDay}
      value={typed}
      error={isWrong ? daysWords : error}
      onBlur={() => setIsTyped(true)}
      onKeyDown={(event) => event.key === 'Enter' && setIsTyped(true)}
      onChange={(day) => {
        setTyped(day)
        setIsTyped(false)
        if (day === '' || isAskable(day)) onChange(day || undefined)
      }}
    />
  )
}

type DayRangeProps = {
  readonly from: string | undefined
  readonly to: string | undefined
  readonly onChange: (change: { readonly from?: string | undefined; readonly to?: string | undefined }) => void
}

/** The days that a search begins and ends with. */
export function DayRange({ from, to, onChange }: DayRangeProps) {
  const { typed, set, isInOrder } = useRange({ from, to }, areDaysInOrder, onChange)
  return (
    <>
      <DayField label="From day" value={typed.from} max={typed.to} onChange={(day) => set({ from: day })} />
      <DayField
        label="To day"
        value={typed.to}
        min={typed.from}
        error={isInOrder ? undefined : daysOrder}
        onChange={(day) => set({ to: day })}
      />
    </>
  )
}
