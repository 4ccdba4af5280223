import type { Scope, Session } from '@micropay/schemas/api/token'
import { allows } from '../api/session.ts'

/** Who may open a page: whoever has one of the scopes, and how those people are called. */
type PageScopes = { readonly scopes: readonly Scope[]; readonly isFor: string }

const forReaders: PageScopes = {
  scopes: ['accounts:read', 'accounts:read:any'],
  isFor: 'people who have accounts here or look after them',
}
const forCustomers: PageScopes = { scopes: ['payments:make'], isFor: 'customers, who pay from their own accounts' }
const forOperators: PageScopes = { scopes: ['accounts:manage'], isFor: 'operators, who open accounts' }
const forBookers: PageScopes = { scopes: ['payments:book'], isFor: 'operators, who book deposits and withdrawals' }
const forFinance: PageScopes = { scopes: ['reconciliation:read'], isFor: 'finance, who close the books' }
const forAuditors: PageScopes = { scopes: ['audit:read'], isFor: 'auditors, who prove the history' }
const forStaff: PageScopes = { scopes: ['projections:read'], isFor: 'people who run or check MicroPay' }

/** By the pattern of its route; the rest is for everybody who is signed in. Both the navigation and the pages go by it. */
export const pageScopes: Readonly<Record<string, PageScopes>> = {
  '/accounts': forReaders,
  '/accounts/$accountId': forReaders,
  '/open-account': forOperators,
  '/send': forCustomers,
  '/payees': { ...forReaders, scopes: ['payments:make', 'payments:book'] },
  '/deposit': forBookers,
  '/withdraw': forBookers,
  '/payments': forReaders,
  '/payments/$paymentId': forReaders,
  '/payments/$paymentId/receipt': forReaders,
  '/projections': forStaff,
  '/trial-balance': forFinance,
  '/trial-balance/$accountId': forFinance,
  '/chart-of-accounts': forFinance,
  '/daily-totals': forFinance,
  '/reconcile': forFinance,
  '/reconcile/$statementId': forFinance,
  '/audit': forAuditors,
  '/audit/accounts/$accountId': forAuditors,
  '/audit/records/$position': forAuditors,
  '/audit/verify': forAuditors,
  '/audit/accesses': forAuditors,
}

/** Whom the page is for, when it is not for this person; undefined when it is. */
export function isKeptFor(session: Session, pattern: string): string | undefined {
  const page = Object.hasOwn(pageScopes, pattern) ? pageScopes[pattern] : undefined
  return page === undefined || page.scopes.some((scope) => allows(session, scope)) ? undefined : page.isFor
}
