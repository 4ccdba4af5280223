import { type Account, type AccountDecided, FrozenDirection } from '@micropay/schemas/api/account'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { problemOfError } from '../../../api/problem.ts'
import { waitingIn } from '../../../api/waiting.ts'
import { AccountStatusBadge } from '../../../components/badge.tsx'
import { CommandProblem } from '../../../components/command-problem.tsx'
import { ConfirmDialog } from '../../../components/confirm-dialog.tsx'
import { SelectField, TextField } from '../../../components/field.tsx'
import { Money } from '../../../components/money.tsx'
import { ProblemNotice } from '../../../components/notice.tsx'
import { Skeleton } from '../../../components/skeleton.tsx'
import { useToast } from '../../../components/toasts.tsx'
import { WaitingNotice } from '../../../components/waiting-notice.tsx'
import { type AccountAction, type AccountRequest, changeAccount } from '../../../data/accounts/change-account.ts'
import { useServices } from '../../../services/app-context.ts'
import { useIntent } from '../../../services/use-intent.ts'
import { changeWords, doneWords } from './change-words.ts'

type ChangeAccountDialogProps = {
  readonly account: Account
  readonly action: AccountAction
  readonly onClose: () => void
}

/** Shows what the ledger says would happen, asks for the reason, and asks once. */
export function ChangeAccountDialog({ account, action, onClose }: ChangeAccountDialogProps) {
  const { client, clock } = useServices()
  const cache = useQueryClient()
  const toast = useToast()
  const [reason, setReason] = useState('')
  const [direction, setDirection] = useState<FrozenDirection>(account.frozen === 'all' ? 'outgoing' : 'all')
  const words = changeWords[action]
  const { accountId } = account
  const asked: AccountRequest = { accountId, action, ...(action === 'freeze' ? { direction } : {}) }
  const preview = useQuery({
    queryKey: ['preview', asked, account.position],
    queryFn: () => changeAccount(client, asked, { key: `preview-${clock.newKey()}`, dryRun: true }),
    staleTime: 0,
    gcTime: 0,
  })
  const wouldWait = waitingIn(preview.error)
  const decision = useIntent(
    (request: AccountRequest, key) => changeAccount(client, request, { key }),
    () => {
      toast(doneWords(action, action === 'freeze' ? direction : undefined), account.name ?? accountId)
      void cache.invalidateQueries({ queryKey: ['accounts'] })
      onClose()
    },
  )
  const confirm = () => {
    const trimmed = reason.trim()
    decision.submit({ ...asked, ...(trimmed ? { reason: trimmed } : {}) })
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
      disabled={!preview.data && !wouldWait && !decision.failure}
      onConfirm={confirm}
    >
      <Outlook
        account={account}
        after={preview.data?.value}
        isPending={preview.isPending}
        instead={wouldWait ? 'another one, once it is approved' : 'stays as it is'}
      />
      {action === 'freeze' ? <DirectionField value={direction} onChange={setDirection} /> : null}
      {words.hasReason ? (
        <TextField
          label="Reason"
          optional
          maxLength={200}
          value={reason}
          onChange={setReason}
          hint="It stays in the ledger with this change."
        />
      ) : null}
      {decision.failure ? <CommandProblem failure={decision.failure} /> : null}
      {wouldWait && !decision.failure ? <WaitingNotice waiting={wouldWait} /> : null}
      {preview.error && !wouldWait && !decision.failure ? (
        <ProblemNotice problem={problemOfError(preview.error)} />
      ) : null}
    </ConfirmDialog>
  )
}

type OutlookProps = {
  readonly account: Account
  /** As the ledger says that it would be. */
  readonly after: AccountDecided | undefined
  readonly isPending: boolean
  /** What becomes of it where nothing is to be seen yet. */
  readonly instead: string
}

/** How the account stands now, and how it would stand. */
function Outlook({ account, after, isPending, instead }: OutlookProps) {
  return (
    <div className="min-h-20 rounded-xl bg-sunken px-4 py-3">
      <p className="flex justify-between gap-4 font-semibold">
        <span className="truncate">{account.name ?? account.accountId}</span>
        <Money minor={account.balance} currency={account.currency} />
      </p>
      <p className="mt-2 flex items-center gap-2 text-sm">
        <AccountStatusBadge account={account} />
        <span aria-hidden="true">→</span>
        <span className="sr-only">becomes</span>
        {after ? <AccountStatusBadge account={after} /> : null}
        {isPending ? <Skeleton className="h-5 w-16" /> : null}
        {after || isPending ? null : instead}
      </p>
    </div>
  )
}

type DirectionFieldProps = {
  readonly value: FrozenDirection
  readonly onChange: (direction: FrozenDirection) => void
}

function DirectionField({ value, onChange }: DirectionFieldProps) {
  return (
    <SelectField
      label="What it stops"
      value={value}
      onChange={(direction) => onChange(FrozenDirection.parse(direction))}
    >
      <option value="all">All money: nothing leaves or reaches it</option>
      <option value="outgoing">Sending alone: money still reaches it</option>
    </SelectField>
  )
}
