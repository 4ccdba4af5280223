import type { Reconciliation } from '@micropay/schemas/api/reconciliation'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Button } from '../../components/button.tsx'
import { CommandProblem } from '../../components/command-problem.tsx'
import { ConfirmDialog } from '../../components/confirm-dialog.tsx'
import { TextField } from '../../components/field.tsx'
import { useToast } from '../../components/toasts.tsx'
import { WithdrawalEffect } from '../../components/withdrawal-effect.tsx'
import { approvalsKey } from '../../data/approvals/approvals-search.ts'
import { reconciliationsKey, type WithdrawRequest, withdrawStatement } from '../../data/books/reconcile.ts'
import { periodsKey } from '../../data/periods/periods.ts'
import { useServices } from '../../services/app-context.ts'
import { useIntent } from '../../services/use-intent.ts'

/** Asks to withdraw a statement that stands, with the reason; mostly that waits for a second person. */
export function WithdrawStatement({ statement }: { readonly statement: Reconciliation }) {
  const { client } = useServices()
  const cache = useQueryClient()
  const toast = useToast()
  const [asking, setAsking] = useState(false)
  const [reason, setReason] = useState('')
  const [tried, setTried] = useState(false)
  const { accountId, statementId, position } = statement
  const withdraw = useIntent(
    (request: WithdrawRequest, key) => withdrawStatement(client, request, key),
    () => {
      toast('Statement withdrawn', statementId)
      setAsking(false)
      for (const queryKey of [reconciliationsKey, approvalsKey, periodsKey]) void cache.invalidateQueries({ queryKey })
    },
  )
  const trimmed = reason.trim()
  if (withdraw.failure?.kind === 'waiting') return <CommandProblem failure={withdraw.failure} />
  return (
    <>
      <Button look="secondary" onClick={() => setAsking(true)}>
        Withdraw this statement
      </Button>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={`Withdraw ${statementId}?`}
        effect={<Effect statement={statement} />}
        confirm="Ask to withdraw"
        danger
        busy={withdraw.isPending}
        onConfirm={() => {
          setTried(true)
          if (trimmed !== '') withdraw.submit({ account: accountId, statementId, position, reason: trimmed })
        }}
      >
        <TextField
          label="Reason"
          maxLength={500}
          value={reason}
          error={tried && trimmed === '' ? 'Say why the statement has to go.' : undefined}
          onChange={setReason}
          hint="Whoever approves it reads this, and it stays in the ledger."
        />
        {withdraw.failure ? <CommandProblem failure={withdraw.failure} /> : null}
      </ConfirmDialog>
    </>
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
