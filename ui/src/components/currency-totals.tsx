import type { TrialBalanceTotal } from '@micropay/schemas/api/reconciliation'
import { Badge } from './badge.tsx'
import { Card } from './card.tsx'
import { Money } from './money.tsx'

type CurrencyTotalsProps = {
  readonly totals: readonly TrialBalanceTotal[]
  /** Whether they are of all accounts, so that debits and credits must be equal. */
  readonly isWhole: boolean
}

/** Debits and credits of each currency, and whether they balance. */
export function CurrencyTotals({ totals, isWhole }: CurrencyTotalsProps) {
  return (
    <ul className="mb-5 grid gap-4 sm:grid-cols-2 lg:grid-cols-3" aria-label="Totals by currency">
      {totals.map((total) => (
        <li key={total.currency}>
          <Card className="p-4 sm:p-5">
            <div className="mb-3 flex items-center justify-between gap-3">
              <span className="font-semibold">{total.currency}</span>
              {isWhole ? <BalancedBadge balanced={total.debit === total.credit} /> : null}
            </div>
            <dl className="space-y-1 text-sm">
              <TotalLine name="Debit" minor={total.debit} currency={total.currency} />
              <TotalLine name="Credit" minor={total.credit} currency={total.currency} />
            </dl>
          </Card>
        </li>
      ))}
    </ul>
  )
}

function BalancedBadge({ balanced }: { readonly balanced: boolean }) {
  return balanced ? <Badge tone="good">Balanced</Badge> : <Badge tone="bad">Out of balance</Badge>
}

type TotalLineProps = { readonly name: string; readonly minor: string; readonly currency: string }

function TotalLine({ name, minor, currency }: TotalLineProps) {
  return (
    <div className="flex items-baseline justify-between gap-4">
      <dt className="text-ink-soft">{name}</dt>
      <dd className="font-semibold">
        <Money minor={minor} currency={currency} />
      </dd>
    </div>
  )
}
