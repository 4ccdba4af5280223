import type { TransitBalance, TrialBalanceTotal } from '@micropay/schemas/api/reconciliation'
import { Badge } from './badge.tsx'
import { Card } from './card.tsx'
import { Money } from './money.tsx'
import { SideAmount } from './side-amount.tsx'

type CurrencyTotalsProps = {
  readonly totals: readonly TrialBalanceTotal[]
  /** Whether they are of all accounts, so that debits and credits must be equal. */
  readonly isWhole: boolean
  /** What stands on none of them while payments pass between partitions. */
  readonly underWay?: readonly TransitBalance[]
}

/** Debits and credits of each currency, what is under way beside them, and whether all balance. */
export function CurrencyTotals({ totals, isWhole, underWay = [] }: CurrencyTotalsProps) {
  const underWayIn = (code: string) => underWay.filter(({ currency }) => currency === code)
  return (
    <ul className="mb-5 grid gap-4 sm:grid-cols-2 lg:grid-cols-3" aria-label="Totals by currency">
      {totals.map((total) => (
        <li key={total.currency}>
          <Card className="p-4 sm:p-5">
            <div className="mb-3 flex items-center justify-between gap-3">
              <span className="font-semibold">{total.currency}</span>
              {isWhole ? <BalancedBadge balanced={isBalanced([total, ...underWayIn(total.currency)])} /> : null}
            </div>
            <dl className="space-y-1 text-sm">
              <TotalLine name="Debit" minor={total.debit} currency={total.currency} />
              <TotalLine name="Credit" minor={total.credit} currency={total.currency} />
              {underWayIn(total.currency).map(({ partitions, debit, credit, currency }) => (
                <div key={partitions.join()} className="flex items-baseline justify-between gap-4">
                  <dt className="text-ink-soft">Under way, {partitions.join(' and ')}</dt>
                  <dd className="font-semibold">
                    <SideAmount debit={debit} credit={credit} currency={currency} />
                  </dd>
                </div>
              ))}
            </dl>
          </Card>
        </li>
      ))}
    </ul>
  )
}

function isBalanced(sides: readonly { readonly debit: string; readonly credit: string }[]): boolean {
  return sides.reduce((sum, { debit, credit }) => sum + BigInt(credit) - BigInt(debit), 0n) === 0n
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
