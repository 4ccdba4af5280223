import type { Policy } from '@micropay/schemas/api/approval'
import { currencyTable } from '@micropay/schemas/currencies'
import { formatMinor } from '@micropay/schemas/money'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { CommandProblem } from '../../components/command-problem.tsx'
import { ConfirmDialog } from '../../components/confirm-dialog.tsx'
import { AmountField, SelectField } from '../../components/field.tsx'
import { useToast } from '../../components/toasts.tsx'
import { type PolicyRequest, policiesKey, setPolicy } from '../../data/approvals/approvals.ts'
import { commandNames, peopleWords } from '../../data/approvals/command-words.ts'
import { readAmount } from '../../money/read-amount.ts'
import { useServices } from '../../services/app-context.ts'
import { useIntent } from '../../services/use-intent.ts'

type SetPolicyDialogProps = { readonly policy: Policy; readonly onClose: () => void }

/** Chooses how many persons a command needs; of payments, from which amount on, or from which who pays confirms it. */
export function SetPolicyDialog({ policy, onClose }: SetPolicyDialogProps) {
  const { client } = useServices()
  const cache = useQueryClient()
  const toast = useToast()
  const { command, above } = policy
  const [people, setPeople] = useState(String(policy.people))
  const [currency, setCurrency] = useState(above?.currency ?? 'EUR')
  const [amount, setAmount] = useState(above ? formatMinor(BigInt(above.amount), above.currency) : '')
  const set = useIntent(
    (request: PolicyRequest, key) => setPolicy(client, request, key),
    () => {
      toast('Rule set', `${commandNames[command]} needs ${peopleWords(request)}.`)
      void cache.invalidateQueries({ queryKey: policiesKey })
      onClose()
    },
  )
  const isOfPayer = command === 'ConfirmPayment'
  const hasLimit = isOfPayer || (command === 'MakePayment' && people === '2')
  const read = readAmount(amount, currency)
  const limit = hasLimit && read.kind === 'amount' ? { amount: read.minor.toString(), currency } : null
  const request: PolicyRequest = { command, people: Number(people), above: limit }
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => open || onClose()}
      title={commandNames[command]}
      effect={`From now on it needs ${peopleWords(request)}.${isOfPayer ? '' : ' What waits already still waits.'}`}
      confirm="Set the rule"
      busy={set.isPending}
      disabled={(hasLimit && read.kind === 'wrong') || set.failure?.kind === 'waiting'}
      onConfirm={() => set.submit(request)}
    >
      {isOfPayer ? null : (
        <SelectField label="Persons" value={people} onChange={setPeople}>
          <option value="1">One person is enough</option>
          <option value="2">Two persons</option>
        </SelectField>
      )}
      {hasLimit ? (
        <>
          <SelectField label="Currency" value={currency} onChange={setCurrency}>
            {Object.entries(currencyTable).map(([code, { name }]) => (
              <option key={code} value={code}>
                {code} · {name}
              </option>
            ))}
          </SelectField>
          <AmountField
            label="Above"
            optional
            currency={currency}
            value={amount}
            onChange={setAmount}
            error={read.kind === 'wrong' ? read.why : undefined}
            hint={`Payments that move more than this, or anything in another currency. Without an amount, ${
              isOfPayer ? 'none: who pays confirms nothing' : 'every payment'
            }.`}
          />
        </>
      ) : null}
      {set.failure ? <CommandProblem failure={set.failure} /> : null}
    </ConfirmDialog>
  )
}
