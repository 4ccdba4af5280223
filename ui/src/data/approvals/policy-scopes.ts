import type { Scope, Session } from '@micropay/schemas/api/token'
import { allows } from '../../api/session.ts'

/** Who may see the rules: those who set them, those who approve by them, and auditors. */
export const policyScopes = ['policies:set', 'approvals:decide', 'audit:read'] as const satisfies Scope[]

export function mayReadPolicies(session: Session): boolean {
  return policyScopes.some((scope) => allows(session, scope))
}
