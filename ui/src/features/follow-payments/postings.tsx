import type { Payment } from '@micropay/schemas/api/payment'
import { AccountLink } from '../../components/account-link.tsx'
import { Card } from '../../components/card.tsx'
import { ListTools } from '../../components/list-tools.tsx'
import { Money } from '../../components/money.tsx'
import { Cell, Table } from '../../components/table.tsx'

const columns = [{ name: 'From' }, { name: 'To' }, { name: 'Amount', align: 'right' }] as const

/** What moves between which accounts; all of it happens at once, or none. */
export function Postings({ postings }: { readonly postings: NonNullable<Payment['postings']> }) {
  return (
    <ListTools heading="Postings">
      <Card className="overflow-hidden">
        <Table label="Postings" columns={columns}>
          {postings.map((posting, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the order of postings never changes
            <tr key={index}>
              <Cell>
                <AccountLink accountId={posting.from} name={posting.fromName} />
              </Cell>
              <Cell>
                <AccountLink accountId={posting.to} name={posting.toName} />
              </Cell>
              <Cell align="right" className="font-semibold">
                <Money minor={posting.amount} currency={posting.currency} />
              </Cell>
            </tr>
          ))}
        </Table>
      </Card>
    </ListTools>
  )
}
