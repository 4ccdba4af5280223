import type { Session } from '@micropay/schemas/api/token'
import { allows } from '../../api/session.ts'
import type { PageDeclaration, Readers } from '../../components/page-declaration.ts'
import { policyScopes } from '../../data/approvals/policy-scopes.ts'
import { periodScopes } from '../../data/periods/period-scopes.ts'

export const accountReaders: Readers = {
  scopes: ['accounts:read', 'accounts:read:any'],
  isFor: 'people who have accounts here or look after them',
}
export const customers: Readers = { scopes: ['payments:make'], isFor: 'customers, who pay from their own accounts' }
export const payers: Readers = { ...accountReaders, scopes: ['payments:make', 'payments:book'] }
export const refunders: Readers = {
  scopes: ['payments:make', 'payments:book'],
  isFor: 'operators, and customers who were paid',
}
export const operators: Readers = { scopes: ['accounts:manage'], isFor: 'operators, who open accounts' }
export const bookers: Readers = {
  scopes: ['payments:book'],
  isFor: 'operators, who book deposits, withdrawals and journal entries',
}
export const finance: Readers = { scopes: ['reconciliation:read'], isFor: 'finance, who close the books' }
export const periodReaders: Readers = {
  scopes: periodScopes,
  isFor: 'finance, who close periods, and those who approve or audit it',
}
export const closers: Readers = { scopes: ['periods:close'], isFor: 'finance, who close periods' }
export const approvalReaders: Readers = {
  scopes: [
    ...(['approvals:decide', 'policies:set', 'accounts:manage', 'periods:close', 'reconciliation:operate'] as const),
    ...(['payments:make', 'payments:book', 'audit:read'] as const),
  ],
  isFor: 'people who approve what others ask for, ask for it, or audit it',
}
export const policyReaders: Readers = {
  scopes: policyScopes,
  isFor: 'people who say what needs two persons, approve it, or audit it',
}
export const auditors: Readers = { scopes: ['audit:read'], isFor: 'auditors, who prove the history' }
export const staff: Readers = { scopes: ['platform:read'], isFor: 'people who run or check MicroPay' }

/** Whom the page is for, when it is not for this person; undefined when it is. */
export function isKeptFor(session: Session, { readers }: Pick<PageDeclaration, 'readers'>): string | undefined {
  if (readers === 'everybody' || readers.scopes.some((scope) => allows(session, scope))) return undefined
  return readers.isFor
}
