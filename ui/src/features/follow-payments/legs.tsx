import type { Payment } from '@micropay/schemas/api/payment'
import { Card } from '../../components/card.tsx'
import { LegTable } from '../../components/leg-table.tsx'
import { ListTools } from '../../components/list-tools.tsx'
import { Money } from '../../components/money.tsx'
import { sidesOf } from '../../money/totals.ts'

/** What moves on which accounts, where money does not go from one to one other; all of it happens at once, or none. */
export function Legs({ legs }: Pick<Payment, 'legs'>) {
  const isPart = sidesOf(legs).some(({ outMinor, inMinor }) => outMinor !== inMinor)
  return (
    <ListTools heading="Legs">
      <Card className="overflow-hidden">
        <LegTable
          legs={legs}
          nameOf={({ name }) => name}
          note={({ stands, currency }) =>
            stands === undefined ? null : (
              <>
                Asserted to stand at <Money minor={stands} currency={currency} />
              </>
            )
          }
        />
        {isPart ? (
          <p className="border-t border-line px-5 py-3 text-sm text-ink-soft">
            This payment has legs on other people's accounts, too, which are not shown.
          </p>
        ) : null}
      </Card>
    </ListTools>
  )
}
