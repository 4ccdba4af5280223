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
  /** How many rem of a line are there for it: a figure that is longer, or than a phone is wide, is set smaller. */
  readonly room?: number
}

/** An amount with its sign and its currency's code; the colour of incoming money only repeats what the sign says. */
export function Money({ minor, currency, signed = false, plain = false, className = '', room }: MoneyProps) {
  const amount = BigInt(minor)
  const { sign, digits } = moneyParts(amount, currency, { signed })
  const tone = signed && !plain && amount > 0n ? 'text-good' : ''
  return (
    <span
      className={`whitespace-nowrap tabular-nums ${tone} ${className}`}
      style={room === undefined ? undefined : { fontSize: sizeWithin(room, sign.length + digits.length) }}
    >
      {sign}
      {digits} <span className="text-[0.75em] font-medium tracking-wide">{currency}</span>
    </span>
  )
}

/** What the edges of a page and of a card leave of a phone's width, and how wide a bold digit is, and a currency. */
const [edgesRem, digitEm, currencyEm] = [5.5, 0.6, 2.6]

function sizeWithin(room: number, digits: number): string {
  return `min(1em, min(100vw - ${edgesRem}rem, ${room}rem) / ${digits * digitEm + currencyEm})`
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
