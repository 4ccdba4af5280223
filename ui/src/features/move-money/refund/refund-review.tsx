import { useQueries } from '@tanstack/react-query'
import type { FailedIntent } from '../../../api/idempotent-intent.ts'
import { Button } from '../../../components/button.tsx'
import { Card, Facts } from '../../../components/card.tsx'
import { CommandProblem } from '../../../components/command-problem.tsx'
import { focusOnMount } from '../../../components/focus-on-mount.ts'
import { Instant } from '../../../components/instant.tsx'
import { LegTable } from '../../../components/leg-table.tsx'
import { Money } from '../../../components/money.tsx'
import { Notice } from '../../../components/notice.tsx'
import { accountQuery } from '../../../data/accounts/get-account.ts'
import type { PaymentAnswer } from '../../../data/payments/payment-answer.ts'
import { movedBy } from '../../../money/totals.ts'
import { useServices } from '../../../services/app-context.ts'

type RefundReviewProps = {
  readonly preview: PaymentAnswer
  readonly nameOf: (accountId: string) => string | null | undefined
  readonly failure: FailedIntent<unknown> | undefined
  readonly busy: boolean
  readonly onConfirm: () => void
  readonly onChange: () => void
}

/** The last look before money goes back: what moves, where the accounts stand then, and in which period it counts. */
export function RefundReview({ preview, nameOf, failure, busy, onConfirm, onChange }: RefundReviewProps) {
  const { legs, reverses, corrects, effectiveAt, reference, description } = preview
  const balanceOf = useBalances(legs.map(({ account }) => account))
  return (
    <Card className="space-y-5 p-5 sm:p-6">
      <h2 ref={focusOnMount} tabIndex={-1} className="text-lg font-bold">
        Check and confirm
      </h2>
      <p className="text-4xl font-bold tracking-tight">
        {movedBy(legs).map(({ currency, minor }) => (
          <span key={currency} className="block">
            <Money minor={minor} currency={currency} room={28} />
          </span>
        ))}
      </p>
      <div className="-mx-5 border-y border-line sm:-mx-6">
        <LegTable
          legs={legs}
          nameOf={({ account }) => nameOf(account)}
          note={({ account, currency }, index) => {
            const balance = balanceOf(account)
            if (balance === undefined) return null
            const moved = legs.slice(0, index + 1).filter((leg) => leg.account === account)
            const minor = moved.reduce((sum, { amount }) => sum + BigInt(amount), BigInt(balance))
            return (
              <>
                Stands at <Money minor={minor.toString()} currency={currency} /> then
              </>
            )
          }}
        />
      </div>
      <Facts
        facts={[
          ['Refund of', `${reverses?.paymentId}${reverses?.whole ? ', all that is left' : ', a part'}`],
          ...(reference ? [['Reference', reference] as const] : []),
          ['Reason', description ?? '–'],
          ['Counts on', <Instant key="at" at={effectiveAt} show="day" />],
        ]}
      />
      {corrects ? (
        <Notice tone="warn" title={`It corrects the closed period ${corrects}`}>
          The payment counts in days that are closed. They stay as they are: the refund counts in the open period.
        </Notice>
      ) : null}
      {failure ? <CommandProblem failure={failure} /> : null}
      <div className="flex flex-col-reverse gap-2 sm:flex-row sm:justify-end">
        <Button look="secondary" onClick={onChange}>
          Change
        </Button>
        <Button busy={busy} onClick={onConfirm}>
          Give the money back
        </Button>
      </div>
    </Card>
  )
}

/** Of the accounts that the reader may see. */
function useBalances(accounts: readonly string[]) {
  const { client } = useServices()
  const ids = [...new Set(accounts)]
  const queries = useQueries({
    queries: ids.map((accountId) => ({ ...accountQuery(client, accountId), retry: false })),
  })
  return (accountId: string) => queries[ids.indexOf(accountId)]?.data?.value.balance
}
