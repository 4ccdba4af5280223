import { accountsProjection } from '../accounts/projection.ts'
import { auditProjection } from '../audit/projection.ts'
import { reconciliationProjection } from '../reconciliation/projection.ts'

/** Whose tables are held to their versions, and whose rebuilds to the rows that following live gives. */
export const everyProjection = [accountsProjection, reconciliationProjection, auditProjection]
