import { useEffect, useRef, useState } from 'react'
import { formatMoney } from '../money/format-money.ts'
import { useServices } from '../services/app-context.ts'

const SETTLED_AFTER_MS = 1500

type BalanceNewsProps = { readonly name: string; readonly minor: string; readonly currency: string }

/** Reads a balance out once it has changed and stands still: politely, and never each of many changes. */
export function BalanceNews({ name, minor, currency }: BalanceNewsProps) {
  const { clock } = useServices()
  const told = useRef(minor)
  const [news, setNews] = useState('')
  useEffect(() => {
    if (told.current === minor) return
    return clock.after(SETTLED_AFTER_MS, () => {
      told.current = minor
      setNews(`${name}: the balance is now ${formatMoney(BigInt(minor), currency)}`)
    })
  }, [clock, name, minor, currency])
  return (
    <span role="status" className="sr-only">
      {news}
    </span>
  )
}
