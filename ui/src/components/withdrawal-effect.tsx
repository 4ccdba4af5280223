import type { Reconciliation } from '@micropay/schemas/api/reconciliation'
import { useInfiniteQuery } from '@tanstack/react-query'
import { freedBy } from '../data/books/freed-by.ts'
import { reconciliationsQuery } from '../data/books/reconcile.ts'
import { useServices } from '../services/app-context.ts'

/** What the withdrawal of a statement that stands would free, as the ledger stands now. */
export function WithdrawalEffect({ statement }: { readonly statement: Reconciliation }) {
  const { client } = useServices()
  const others = useInfiniteQuery(reconciliationsQuery(client, { account: statement.accountId }))
  const first = others.data?.pages[0]?.value
  const isLast = first?.items.every(({ position }) => position === statement.position) && first.next === null
  return (
    <ul className="list-disc space-y-1 pl-5">
      {freedBy(statement, isLast).map((sentence) => (
        <li key={sentence}>{sentence}</li>
      ))}
    </ul>
  )
}
