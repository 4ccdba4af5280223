import type { Reconciliation } from '@micropay/schemas/api/reconciliation'
import { useQueryClient } from '@tanstack/react-query'
import { approverReadsIt, ReasonDialog } from '../../components/reason-dialog.tsx'
import { useToast } from '../../components/toasts.tsx'
import { WithdrawalEffect } from '../../components/withdrawal-effect.tsx'
import { approvalsKey } from '../../data/approvals/approvals-search.ts'
import { reconciliationsKey, type WithdrawRequest, withdrawStatement } from '../../data/books/reconcile.ts'
import { periodsKey } from '../../data/periods/periods.ts'
import { useServices } from '../../services/app-context.ts'

/** Asks to withdraw a statement that stands, with the reason; mostly that waits for a second person. */
export function WithdrawStatement({ statement }: { readonly statement: Reconciliation }) {
  const { client } = useServices()
  const cache = useQueryClient()
  const toast = useToast()
  const { accountId, statementId, position } = statement
  return (
    <ReasonDialog<WithdrawRequest>
      ask="Withdraw this statement"
      title={`Withdraw ${statementId}?`}
      effect={<Effect statement={statement} />}
      confirm="Ask to withdraw"
      missing="Say why the statement has to go."
      hint={approverReadsIt}
      requestFor={(reason) => ({ account: accountId, statementId, position, reason })}
      send={(request, key) => withdrawStatement(client, request, key)}
      onDone={() => {
        toast('Statement withdrawn', statementId)
        for (const queryKey of [reconciliationsKey, approvalsKey, periodsKey])
          void cache.invalidateQueries({ queryKey })
      }}
    />
  )
}

function Effect({ statement }: { readonly statement: Reconciliation }) {
  return (
    <div className="space-y-3">
      <p>
        It counts no more, and stays in the ledger as withdrawn. Unless your rules say otherwise, a second person has to
        approve it first.
      </p>
      <WithdrawalEffect statement={statement} />
    </div>
  )
}
