import { Money } from './money.tsx'

type SideAmountProps = { readonly debit: string; readonly credit: string; readonly currency: string }

/**
 * A balance with the word for its side, where the screen is too narrow for a column of each. Zero stands on neither.
 */
export function SideAmount({ debit, credit, currency }: SideAmountProps) {
  const isDebit = debit !== '0'
  const side = isDebit ? 'Debit' : credit === '0' ? undefined : 'Credit'
  return (
    <>
      <Money minor={isDebit ? debit : credit} currency={currency} />
      {side ? <span className="block text-xs font-normal text-ink-soft">{side}</span> : null}
    </>
  )
}
