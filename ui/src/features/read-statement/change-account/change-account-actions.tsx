import type { Account } from '@micropay/schemas/api/account'
import { useState } from 'react'
import { Button } from '../../../components/button.tsx'
import type { AccountAction } from '../../../data/accounts/change-account.ts'
import { ChangeAccountDialog } from './change-account-dialog.tsx'
import { changeWords } from './change-words.ts'
import { EditAccountDialog } from './edit-account-dialog.tsx'

/** What an operator can do to an account in its present state. */
export function ChangeAccountActions({ account }: { readonly account: Account }) {
  const [asked, setAsked] = useState<AccountAction | 'edit'>()
  const close = () => setAsked(undefined)
  return (
    <>
      {account.status === 'closed' ? null : (
        <Button look="secondary" onClick={() => setAsked('edit')}>
          Edit
        </Button>
      )}
      {offeredFor(account).map((each) => (
        <Button key={each} look="secondary" onClick={() => setAsked(each)}>
          {each === 'freeze' && account.status === 'frozen' ? 'Change freeze' : changeWords[each].button}
        </Button>
      ))}
      {asked === 'edit' ? <EditAccountDialog account={account} onClose={close} /> : null}
      {asked && asked !== 'edit' ? <ChangeAccountDialog account={account} action={asked} onClose={close} /> : null}
    </>
  )
}

function offeredFor({ status, type, receivesFromCustomers }: Account): readonly AccountAction[] {
  if (status === 'closed') return []
  const house = receivesFromCustomers ? ('refuse-payments' as const) : ('take-payments' as const)
  const flag = type === 'customer' ? [] : [house]
  return status === 'frozen' ? ['unfreeze', 'freeze', ...flag] : ['freeze', ...flag, 'close']
}
