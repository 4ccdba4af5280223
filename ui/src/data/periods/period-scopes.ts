import type { Scope, Session } from '@micropay/schemas/api/token'
import { allows } from '../../api/session.ts'

/** Who may see what was sealed: finance, whoever may approve that it is reopened, and auditors. */
export const periodScopes = ['reconciliation:read', 'approvals:decide', 'audit:read'] as const satisfies Scope[]

export function mayReadPeriods(session: Session): boolean {
  return periodScopes.some((scope) => allows(session, scope))
}
