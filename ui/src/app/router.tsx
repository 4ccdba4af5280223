import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router'
import { z } from 'zod'
import { pathWith } from '../api/path.ts'
import { NotFoundPage } from '../components/failure/not-found-page.tsx'
import { PageFailed } from '../components/failure/page-failed.tsx'
import { AccountFilter } from '../data/accounts/list-accounts.ts'
import { AccessSearch } from '../data/audit/access-search.ts'
import {
  ChartSearch,
  DailySearch,
  FigureSearch,
  ReconcileSearch,
  StatementSearch,
  TrialBalanceSearch,
} from '../data/books/finance-search.ts'
import { ProjectionSearch } from '../data/flow/projection-search.ts'
import { PaymentFilter } from '../data/payments/list-payments.ts'
import { dropPages, listSearch } from '../data/search/page-search.ts'
import { withRangesInOrder } from '../data/search/ranges.ts'
import { SearchFilter } from '../data/search/search-filter.ts'
import { sortKey } from '../data/search/sort-key.ts'
import { HomePage } from '../features/see-balances/home-page.tsx'
import { askedDay } from '../time/days.ts'
import { reportingZone } from '../time/reporting-zone.ts'
import { App } from './app.tsx'

/** A search whose ranges are never the wrong way round. */
const inOrder =
  <Search extends Parameters<typeof withRangesInOrder>[0]>(schema: z.ZodType<Search>) =>
  (raw: Record<string, unknown>): Search =>
    withRangesInOrder(schema.parse(raw))

const rootRoute = createRootRoute({
  component: App,
  notFoundComponent: NotFoundPage,
  search: { middlewares: [dropPages] },
})

const home = createRoute({ getParentRoute: () => rootRoute, path: '/', component: HomePage })

const accounts = createRoute({
  getParentRoute: () => rootRoute,
  path: '/accounts',
  // The list knows no days; the zone goes along to the statements.
  validateSearch: listSearch(AccountFilter.extend({ sort: sortKey, zone: reportingZone })),
  component: lazyRouteComponent(() => import('../features/find-accounts/accounts-page.tsx'), 'AccountsPage'),
})

const openAccount = createRoute({
  getParentRoute: () => rootRoute,
  path: '/open-account',
  component: lazyRouteComponent(() => import('../features/open-account/open-account-page.tsx'), 'OpenAccountPage'),
})

/** `on` is the day whose balance is shown. */
const StatementFilter = SearchFilter.extend({ on: askedDay })

const account = createRoute({
  getParentRoute: () => rootRoute,
  path: '/accounts/$accountId',
  validateSearch: inOrder(listSearch(StatementFilter)),
  component: lazyRouteComponent(() => import('../features/read-statement/account-page.tsx'), 'AccountPage'),
})

const Prefilled = z.object({
  from: z.string().min(1).optional().catch(undefined),
  to: z.string().min(1).optional().catch(undefined),
})

const send = createRoute({
  getParentRoute: () => rootRoute,
  path: '/send',
  validateSearch: Prefilled,
  component: lazyRouteComponent(() => import('../features/move-money/send/send-money-page.tsx'), 'SendMoneyPage'),
})

const deposit = createRoute({
  getParentRoute: () => rootRoute,
  path: '/deposit',
  validateSearch: Prefilled,
  component: lazyRouteComponent(() => import('../features/move-money/book-cash/deposit-page.tsx'), 'DepositPage'),
})

const withdraw = createRoute({
  getParentRoute: () => rootRoute,
  path: '/withdraw',
  validateSearch: Prefilled,
  component: lazyRouteComponent(() => import('../features/move-money/book-cash/withdraw-page.tsx'), 'WithdrawPage'),
})

const payments = createRoute({
  getParentRoute: () => rootRoute,
  path: '/payments',
  validateSearch: inOrder(listSearch(PaymentFilter)),
  component: lazyRouteComponent(() => import('../features/follow-payments/payments-page.tsx'), 'PaymentsPage'),
})

const payment = createRoute({
  getParentRoute: () => rootRoute,
  path: '/payments/$paymentId',
  component: lazyRouteComponent(() => import('../features/follow-payments/payment-page.tsx'), 'PaymentPage'),
})

const receipt = createRoute({
  getParentRoute: () => rootRoute,
  path: '/payments/$paymentId/receipt',
  component: lazyRouteComponent(() => import('../features/print-receipt/receipt-page.tsx'), 'ReceiptPage'),
})

const payees = createRoute({
  getParentRoute: () => rootRoute,
  path: '/payees',
  validateSearch: z.object({ sort: sortKey }),
  component: lazyRouteComponent(() => import('../features/save-payees/payees-page.tsx'), 'PayeesPage'),
})

const projections = createRoute({
  getParentRoute: () => rootRoute,
  path: '/projections',
  validateSearch: ProjectionSearch,
  component: lazyRouteComponent(() => import('../features/watch-projections/projections-page.tsx'), 'ProjectionsPage'),
})

const audit = createRoute({
  getParentRoute: () => rootRoute,
  path: '/audit',
  component: lazyRouteComponent(() => import('../features/audit/audit-page.tsx'), 'AuditPage'),
})

const StepNumber = z
  .string()
  .regex(/^[1-9][0-9]{0,8}$/)
  .optional()
  .catch(undefined)

const replay = createRoute({
  getParentRoute: () => rootRoute,
  path: '/audit/accounts/$accountId',
  validateSearch: listSearch(z.object({ step: StepNumber, from: StepNumber })),
  component: lazyRouteComponent(() => import('../features/audit/replay/replay-page.tsx'), 'ReplayPage'),
})

const record = createRoute({
  getParentRoute: () => rootRoute,
  path: '/audit/records/$position',
  component: lazyRouteComponent(() => import('../features/audit/records/record-page.tsx'), 'RecordPage'),
})

const verify = createRoute({
  getParentRoute: () => rootRoute,
  path: '/audit/verify',
  component: lazyRouteComponent(() => import('../features/audit/verify/verify-page.tsx'), 'VerifyPage'),
})

const accesses = createRoute({
  getParentRoute: () => rootRoute,
  path: '/audit/accesses',
  validateSearch: listSearch(AccessSearch),
  component: lazyRouteComponent(() => import('../features/audit/accesses/accesses-page.tsx'), 'AccessesPage'),
})

const trialBalance = createRoute({
  getParentRoute: () => rootRoute,
  path: '/trial-balance',
  validateSearch: listSearch(TrialBalanceSearch),
  component: lazyRouteComponent(() => import('../features/trial-balance/trial-balance-page.tsx'), 'TrialBalancePage'),
})

const figureEntries = createRoute({
  getParentRoute: () => rootRoute,
  path: '/trial-balance/$accountId',
  validateSearch: listSearch(FigureSearch),
  component: lazyRouteComponent(() => import('../features/trial-balance/figure-page.tsx'), 'FigurePage'),
})

const chartOfAccounts = createRoute({
  getParentRoute: () => rootRoute,
  path: '/chart-of-accounts',
  validateSearch: ChartSearch,
  component: lazyRouteComponent(() => import('../features/chart-of-accounts/chart-page.tsx'), 'ChartPage'),
})

const dailyTotals = createRoute({
  getParentRoute: () => rootRoute,
  path: '/daily-totals',
  validateSearch: inOrder(DailySearch.extend({ sort: sortKey })),
  component: lazyRouteComponent(() => import('../features/daily-totals/daily-totals-page.tsx'), 'DailyTotalsPage'),
})

const reconcile = createRoute({
  getParentRoute: () => rootRoute,
  path: '/reconcile',
  validateSearch: listSearch(ReconcileSearch),
  component: lazyRouteComponent(() => import('../features/reconcile-statement/reconcile-page.tsx'), 'ReconcilePage'),
})

const reconciliation = createRoute({
  getParentRoute: () => rootRoute,
  path: '/reconcile/$statementId',
  validateSearch: StatementSearch,
  component: lazyRouteComponent(() => import('../features/reconcile-statement/statement-page.tsx'), 'StatementPage'),
})

const routeTree = rootRoute.addChildren([
  home,
  accounts,
  openAccount,
  account,
  send,
  deposit,
  withdraw,
  payments,
  payment,
  receipt,
  payees,
  projections,
  trialBalance,
  figureEntries,
  chartOfAccounts,
  dailyTotals,
  reconcile,
  reconciliation,
  audit,
  replay,
  record,
  verify,
  accesses,
])

export function createAppRouter() {
  return createRouter({
    routeTree,
    parseSearch: (search) => Object.fromEntries(new URLSearchParams(search)),
    stringifySearch: (search: Record<string, string | undefined>) => pathWith('', search),
    // What a page does not know is asked for by nobody, and told: see ignored-search.ts.
    search: { strict: true },
    defaultPreload: 'intent',
    scrollRestoration: true,
    defaultErrorComponent: PageFailed,
    defaultNotFoundComponent: NotFoundPage,
  })
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createAppRouter>
  }
}
