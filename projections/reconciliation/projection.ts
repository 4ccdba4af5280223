import { defineProjection } from '../write/define-projection.ts'
import { accountKey } from '../write/row-key.ts'
import { movedPayments } from './across.ts'
import { changedAccounts, projectReconciliation } from './project.ts'
import { reconciliationTables, reconciliationVersion } from './tables.ts'
import { namingOfLegs } from './unnamed-legs.ts'

/** Balances, entries, sums of them, and bank statements: what the reconciliation read-side answers from. */
export const reconciliationProjection = defineProjection({
  service: 'reconciliation',
  name: 'reconciliation',
  ...reconciliationVersion,
  tables: reconciliationTables,
  known: { accounts: changedAccounts, acrossPayments: movedPayments },
  fold: projectReconciliation,
  settled: namingOfLegs,
  alsoChanged: ({ statements, withdrawals }) =>
    [...statements, ...withdrawals].map(({ tenant, account_id }) => accountKey(tenant, account_id)),
})
