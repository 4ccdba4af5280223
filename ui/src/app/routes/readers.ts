import type { Session } from '@micropay/schemas/api/token'
import { allows } from '../../api/session.ts'
import type { PageDeclaration, Readers } from '../../components/page-declaration.ts'

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
export const closers: Readers = { scopes: ['periods:close'], isFor: 'finance, who close periods' }
export const proposers: Readers = {
  scopes: [
    ...(['approvals:decide', 'policies:set', 'accounts:manage', 'periods:close', 'reconciliation:operate'] as const),
    ...(['payments:make', 'payments:book'] as const),
  ],
  isFor: 'people who approve what others ask for, or ask for it',
}
export const policySetters: Readers = {
  scopes: ['policies:set', 'approvals:decide'],
  isFor: 'people who say what needs two persons, or approve it',
}
export const auditors: Readers = { scopes: ['audit:read'], isFor: 'auditors, who prove the history' }
export const staff: Readers = { scopes: ['projections:read'], isFor: 'people who run or check MicroPay' }

/** Whom the page is for, when it is not for this person; undefined when it is. */
export function isKeptFor(session: Session, { readers }: Pick<PageDeclaration, 'readers'>): string | undefined {
  if (readers === 'everybody' || readers.scopes.some((scope) => allows(session, scope))) return undefined
  return readers.isFor
}
