import { useState } from 'react'
import { moneyParts } from '../money/format-money.ts'

type MoneyProps = {
  readonly minor: string
  readonly currency: string
  /** Shows a plus before what comes in. */
  readonly signed?: boolean
  /** Of a difference, say, a plus is no money coming in: it keeps the colour of the text. */
  readonly plain?: boolean
  readonly className?: string
}

/** An amount with its sign and its currency's code; the colour of incoming money only repeats what the sign says. */
export function Money({ minor, currency, signed = false, plain = false, className = '' }: MoneyProps) {
  const amount = BigInt(minor)
  const { sign, digits } = moneyParts(amount, currency, { signed })
  const tone = signed && !plain && amount > 0n ? 'text-good' : ''
  return (
    <span className={`whitespace-nowrap tabular-nums ${tone} ${className}`}>
      {sign}
      {digits} <span className="text-[0.75em] font-medium tracking-wide">{currency}</span>
    </span>
  )
}

/** The same, drawing the eye for a moment when the figure changes while one looks. */
export function LiveMoney(props: MoneyProps) {
  const [seen, setSeen] = useState({ minor: props.minor, changes: 0 })
  if (seen.minor !== props.minor) setSeen({ minor: props.minor, changes: seen.changes + 1 })
  return (
    <span key={seen.changes} className={`inline-block ${seen.changes > 0 ? 'flash' : ''}`}>
      <Money {...props} />
    </span>
  )
}
