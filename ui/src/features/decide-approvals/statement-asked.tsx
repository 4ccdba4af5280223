import type { Proposal } from '@micropay/schemas/api/approval'
import { StatementAccepted, sumsOf } from '@micropay/schemas/api/statement'
import { z } from 'zod'
import { Card, Facts } from '../../components/card.tsx'
import { Money } from '../../components/money.tsx'
import { usePreview } from './use-preview.ts'

/** Of a statement of several parts the proposal has the lines of the last one, and all else of the whole. */
const Asked = z.object({
  ...StatementAccepted.pick({ currency: true, opening: true, closing: true }).shape,
  ...{ parts: z.int(), lineCount: z.int(), sha256: z.string().optional() },
  lines: z.array(z.object({ amount: z.string() })),
  personal: z.object({ data: z.object({ iban: z.string() }) }),
})

const Sums = StatementAccepted.pick({ credits: true, debits: true })

/** What is to be imported, as a whole; the sums of several parts are those that the ledger tells whoever approves. */
export function StatementAsked({ of: proposal }: { readonly of: Proposal }) {
  const preview = usePreview(proposal)
  const asked = Asked.safeParse(proposal.data).data
  if (!asked) return null
  const { currency, opening, closing, parts, lineCount, sha256, personal } = asked
  const money = (minor: bigint | string) => <Money minor={minor.toString()} currency={currency} />
  const sums = parts === 1 ? sumsOf(asked) : Sums.safeParse(preview.data?.value.result).data
  const moved = BigInt(closing) - BigInt(opening)
  return (
    <Card className="px-4 pt-4 sm:px-5">
      <h2 className="font-semibold">The statement as a whole</h2>
      <Facts
        facts={[
          ['Bank account', personal.data.iban],
          ['Lines', parts === 1 ? String(lineCount) : `${lineCount}, kept in ${parts} records`],
          ['Opening balance', money(opening)],
          ...(sums
            ? ([
                ['Credits', money(sums.credits)],
                ['Debits', money(`-${sums.debits}`)],
              ] as const)
            : ([['Credits less debits', money(moved)]] as const)),
          ['Closing balance', money(closing)],
          [
            'SHA-256 of the file',
            <span key="digest" className="text-xs break-all">
              {sha256 ?? 'Not kept'}
            </span>,
          ],
        ]}
      />
    </Card>
  )
}
