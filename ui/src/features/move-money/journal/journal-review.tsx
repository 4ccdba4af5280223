import type { Account } from '@micropay/schemas/api/account'
import type { Waiting } from '../../../api/waiting.ts'
import { Button } from '../../../components/button.tsx'
import { Card, Facts } from '../../../components/card.tsx'
import { focusOnMount } from '../../../components/focus-on-mount.ts'
import { LegTable } from '../../../components/leg-table.tsx'
import { Money } from '../../../components/money.tsx'
import { WaitingNotice } from '../../../components/waiting-notice.tsx'
import type { PaymentRequest, RequestedLeg } from '../../../data/payments/make-payment.ts'
import { movedBy } from '../../../money/totals.ts'

type JournalReviewProps = {
  readonly legs: readonly RequestedLeg[]
  readonly texts: Pick<PaymentRequest, 'reference' | 'description'>
  /** The day that it counts on, where that is not now. */
  readonly valueDay: string | undefined
  /** Set where it would wait for a second person. */
  readonly wouldWait: Waiting | undefined
  readonly accountOf: (accountId: string) => Account | undefined
  readonly onConfirm: () => void
  readonly onChange: () => void
}

/** The last look before money moves: each leg with where it leaves its account. The ledger would take it. */
export function JournalReview(props: JournalReviewProps) {
  const { legs, texts, valueDay, wouldWait, accountOf, onConfirm, onChange } = props
  const { reference, description } = texts
  return (
    <Card className="p-5 sm:p-6">
      <h2 ref={focusOnMount} tabIndex={-1} className="text-lg font-bold">
        Check and confirm
      </h2>
      {movedBy(legs).map(({ currency, minor }) => (
        <p key={currency} className="mt-4 text-4xl font-bold tracking-tight">
          <Money minor={minor} currency={currency} room={28} />
        </p>
      ))}
      <div className="-mx-5 mt-4 border-y border-line sm:-mx-6">
        <LegTable
          legs={legs}
          nameOf={({ account }) => accountOf(account)?.name}
          note={(leg, index) => <After leg={leg} before={legs.slice(0, index)} account={accountOf(leg.account)} />}
        />
      </div>
      <Facts
        facts={[
          ...(reference ? [['Reference', reference] as const] : []),
          ...(description ? [['Description', description] as const] : []),
          ...(valueDay ? [['Value date', valueDay] as const] : []),
          ['Arrives', wouldWait ? 'Once a second person has approved it' : 'At once, when it is posted'],
        ]}
      />
      {wouldWait ? <WaitingNotice waiting={wouldWait} /> : null}
      <div className="mt-6 flex flex-col-reverse gap-2 sm:flex-row sm:justify-end">
        <Button look="secondary" onClick={onChange}>
          Change
        </Button>
        <Button onClick={onConfirm}>Book journal entry</Button>
      </div>
    </Card>
  )
}

type AfterProps = {
  readonly leg: RequestedLeg
  readonly before: readonly RequestedLeg[]
  readonly account: Account | undefined
}

/** Where the account stands behind a leg by what is known of it now, and whether that is asserted. */
function After({ leg, before, account }: AfterProps) {
  if (!account) return null
  const moved = [...before, leg].filter((each) => each.account === leg.account)
  const afterMinor = moved.reduce((sum, { amount }) => sum + BigInt(amount), BigInt(account.balance))
  return (
    <>
      Stands at <Money minor={afterMinor.toString()} currency={leg.currency} /> then
      {leg.stands === undefined ? null : ', as asserted'}
    </>
  )
}
