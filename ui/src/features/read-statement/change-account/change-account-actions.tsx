import type { Account } from '@micropay/schemas/api/account'
import { useState } from 'react'
import { Button } from '../../../components/button.tsx'
import type { AccountChange } from '../../../data/accounts/change-account.ts'
import { ChangeAccountDialog } from './change-account-dialog.tsx'
import { changeWords } from './change-words.ts'

const offered: Record<Account['status'], readonly AccountChange[]> = {
  open: ['freeze', 'close'],
  frozen: ['unfreeze'],
  closed: [],
}

/** What an operator can do to an account in its present state. */
export function ChangeAccountActions({ account }: { readonly account: Account }) {
  const [change, setChange] = useState<AccountChange>()
  return (
    <>
      {offered[account.status].map((each) => (
        <Button key={each} look="secondary" onClick={() => setChange(each)}>
          {changeWords[each].button}
        </Button>
      ))}
      {change ? <ChangeAccountDialog account={account} change={change} onClose={() => setChange(undefined)} /> : null}
    </>
  )
}
