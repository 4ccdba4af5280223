import type { Payee } from '@micropay/schemas/api/payee'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { Button, LinkButton } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { CommandProblem } from '../../components/command-problem.tsx'
import { ConfirmDialog } from '../../components/confirm-dialog.tsx'
import { EmptyState } from '../../components/empty-state.tsx'
import { QueryFailed } from '../../components/failure/query-failed.tsx'
import { ListTools } from '../../components/list-tools.tsx'
import { Page } from '../../components/page.tsx'
import { SavePayee } from '../../components/save-payee.tsx'
import { SkeletonRows } from '../../components/skeleton.tsx'
import { type Sorts, sortRows } from '../../components/sort-rows.ts'
import { Cell, type Column, Table } from '../../components/table.tsx'
import { useToast } from '../../components/toasts.tsx'
import { payeesKey, payeesQuery, removePayee } from '../../data/payees/payees.ts'
import { useServices } from '../../services/app-context.ts'
import { useIntent } from '../../services/use-intent.ts'

const route = getRouteApi('/payees')
const columns: readonly Column[] = [
  { name: 'Name', sort: 'name' },
  { name: 'Account', sort: 'account', className: 'hidden sm:table-cell' },
  { name: 'Pay or remove', align: 'right' },
]
const sorts: Sorts<Payee> = {
  name: { of: ({ alias }) => alias },
  account: { of: ({ accountId }) => accountId },
}

/** Whom one pays by name: saved here, paid and removed. */
export function PayeesPage() {
  const { client } = useServices()
  const query = useQuery(payeesQuery(client))
  const { sort } = route.useSearch()
  const navigate = route.useNavigate()
  const payees = query.data?.value.items ?? []
  return (
    <Page
      lead="Names of your own for accounts that you pay; nobody else sees them."
      narrow
      freshness={query.data?.freshness}
    >
      <Card className="mb-6 p-5 sm:p-6">
        <SavePayee />
      </Card>
      {query.error && !query.data ? (
        <QueryFailed error={query.error} onRetry={query.refetch} noun="payee list" />
      ) : null}
      {query.isPending ? (
        <Card>
          <SkeletonRows label="Loading payees" />
        </Card>
      ) : null}
      {query.data && payees.length === 0 ? (
        <EmptyState title="No payee yet">Save an account above, or after you have paid one.</EmptyState>
      ) : null}
      {payees.length > 0 ? (
        <ListTools>
          <Card className="overflow-hidden">
            <Table
              label="Saved payees"
              columns={columns}
              sorting={{
                ...{ by: sort, usual: 'name' },
                onSort: (by) => navigate({ search: { sort: by }, resetScroll: false }),
              }}
            >
              {sortRows(payees, sorts, sort).map((payee) => (
                <PayeeRow key={payee.alias} payee={payee} />
              ))}
            </Table>
          </Card>
        </ListTools>
      ) : null}
    </Page>
  )
}

function PayeeRow({ payee }: { readonly payee: Payee }) {
  const { client } = useServices()
  const cache = useQueryClient()
  const toast = useToast()
  const [asking, setAsking] = useState(false)
  const remove = useIntent(
    (alias: string, key) => removePayee(client, alias, key),
    async (_, alias) => {
      setAsking(false)
      toast(`${alias} is removed`)
      await cache.invalidateQueries({ queryKey: payeesKey })
    },
  )
  return (
    <tr className="hover:bg-sunken">
      <Cell className="max-w-36 sm:max-w-64">
        <span className="block font-medium break-words">{payee.alias}</span>
        <span className="block text-xs break-all text-ink-soft sm:hidden">{payee.accountId}</span>
      </Cell>
      <Cell className="hidden break-all text-ink-soft sm:table-cell">{payee.accountId}</Cell>
      <Cell align="right">
        <span className="flex justify-end gap-2">
          <LinkButton to="/send" search={{ to: payee.accountId }} look="secondary" aria-label={`Pay ${payee.alias}`}>
            Pay
          </LinkButton>
          <Button look="quiet" aria-label={`Remove ${payee.alias}`} onClick={() => setAsking(true)}>
            Remove
          </Button>
        </span>
        <ConfirmDialog
          open={asking}
          onOpenChange={setAsking}
          title={`Remove ${payee.alias}?`}
          effect={
            <>The name no longer stands for {payee.accountId}. Payments stay as they are, and you can save it again.</>
          }
          confirm="Remove"
          busy={remove.isPending}
          onConfirm={() => remove.submit(payee.alias)}
        >
          {remove.failure ? <CommandProblem failure={remove.failure} /> : null}
        </ConfirmDialog>
      </Cell>
    </tr>
  )
}
