import type { Account } from '@micropay/schemas/api/account'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { problemOfError } from '../../../api/problem.ts'
import { AccountStatusBadge } from '../../../components/badge.tsx'
import { CommandProblem } from '../../../components/command-problem.tsx'
import { ConfirmDialog } from '../../../components/confirm-dialog.tsx'
import { TextField } from '../../../components/field.tsx'
import { Money } from '../../../components/money.tsx'
import { ProblemNotice } from '../../../components/notice.tsx'
import { Skeleton } from '../../../components/skeleton.tsx'
import { useToast } from '../../../components/toasts.tsx'
import { type AccountChange, type ChangeAccountRequest, changeAccount } from '../../../data/accounts/change-account.ts'
import { useServices } from '../../../services/app-context.ts'
import { useIntent } from '../../../services/use-intent.ts'
import { changeWords } from './change-words.ts'

type ChangeAccountDialogProps = {
  readonly account: Account
  readonly change: AccountChange
  readonly onClose: () => void
}

/** Shows what the ledger says would happen, asks for the reason, and asks once. */
export function ChangeAccountDialog({ account, change, onClose }: ChangeAccountDialogProps) {
  const { client, clock } = useServices()
  const cache = useQueryClient()
  const toast = useToast()
  const [reason, setReason] = useState('')
  const words = changeWords[change]
  const { accountId } = account
  const preview = useQuery({
    queryKey: ['preview', change, accountId, account.position],
    queryFn: () => changeAccount(client, { accountId, change }, { key: `preview-${clock.newKey()}`, dryRun: true }),
    staleTime: 0,
    gcTime: 0,
  })
  const decision = useIntent(
    (request: ChangeAccountRequest, key) => changeAccount(client, request, { key }),
    () => {
      toast(words.done, account.name ?? accountId)
      void cache.invalidateQueries({ queryKey: ['accounts'] })
      onClose()
    },
  )
  const confirm = () => {
    const trimmed = reason.trim()
    decision.submit({ accountId, change, ...(trimmed ? { reason: trimmed } : {}) })
  }
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => open || onClose()}
      title={words.title}
      effect={
        <>
          {words.effect} {words.undo}
        </>
      }
      confirm={words.button}
      danger={words.danger}
      busy={decision.isPending}
      disabled={!preview.data && !decision.failure}
      onConfirm={confirm}
    >
      <div className="min-h-20 rounded-xl bg-sunken px-4 py-3">
        <p className="flex justify-between gap-4 font-semibold">
          <span className="truncate">{account.name ?? accountId}</span>
          <Money minor={account.balance} currency={account.currency} />
        </p>
        <p className="mt-2 flex items-center gap-2 text-sm">
          <AccountStatusBadge status={account.status} />
          <span aria-hidden="true">→</span>
          <span className="sr-only">becomes</span>
          {preview.data ? <AccountStatusBadge status={preview.data.value.status} /> : null}
          {preview.isPending ? <Skeleton className="h-5 w-16" /> : null}
          {preview.error ? 'stays as it is' : null}
        </p>
      </div>
      <TextField
        label="Reason"
        optional
        maxLength={200}
        value={reason}
        onChange={setReason}
        hint="It stays in the ledger with this change."
      />
      {decision.failure ? <CommandProblem failure={decision.failure} /> : null}
      {preview.error && !decision.failure ? <ProblemNotice problem={problemOfError(preview.error)} /> : null}
    </ConfirmDialog>
  )
}
