import { defineProjection } from '../write/define-projection.ts'
import { decidedPayments, projectAccounts, touchedAccounts } from './project.ts'
import { accountsTables, accountsVersion } from './tables.ts'

/** Accounts with their balances, statements and payments: what the accounts read-side answers from. */
export const accountsProjection = defineProjection({
  service: 'accounts',
  name: 'accounts',
  ...accountsVersion,
  tables: accountsTables,
  known: { accounts: touchedAccounts, acrossPayments: decidedPayments },
  fold: ({ partition, commits, known }) => projectAccounts(partition, commits, known),
})
