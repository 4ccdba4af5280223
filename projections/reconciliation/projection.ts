import { defineProjection } from '../write/define-projection.ts'
import { movedAccounts, projectReconciliation } from './project.ts'
import { reconciliationTables } from './tables.ts'

/** Balances, entries, sums of them, and bank statements: what the reconciliation read-side answers from. */
export const reconciliationProjection = defineProjection({
  service: 'reconciliation',
  name: 'reconciliation',
  version: 4,
  tables: reconciliationTables,
  known: { of: 'accounts', keys: movedAccounts },
  fold: projectReconciliation,
  alsoChanged: ({ statements }) => statements.map((statement) => statement.account_id),
})
