import type { Payment } from '@micropay/schemas/payment'
import { Link } from '@tanstack/react-router'
import { Card } from '../../components/card.tsx'
import { Money } from '../../components/money.tsx'
import { Cell, Table } from '../../components/table.tsx'

const columns = [{ name: 'From' }, { name: 'To' }, { name: 'Amount', align: 'right' }] as const

/** What moves between which accounts; all of it happens at once, or none. */
export function Postings({ payment }: { readonly payment: Payment }) {
  return (
    <Card className="overflow-hidden">
      <h2 className="px-5 pt-5 pb-2 text-lg font-bold">Postings</h2>
      <Table label="Postings" columns={columns}>
        {payment.postings.map((posting, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the order of postings is part of the payment and never changes
          <tr key={index}>
            <Cell>
              <AccountLink accountId={posting.from} />
            </Cell>
            <Cell>
              <AccountLink accountId={posting.to} />
            </Cell>
            <Cell align="right" className="font-semibold">
              <Money minor={posting.amount} currency={posting.currency} />
            </Cell>
          </tr>
        ))}
      </Table>
    </Card>
  )
}

function AccountLink({ accountId }: { readonly accountId: string }) {
  return (
    <Link
      to="/accounts/$accountId"
      params={{ accountId }}
      className="inline-flex min-h-11 items-center break-all text-accent underline-offset-4 hover:underline"
    >
      {accountId}
    </Link>
  )
}
