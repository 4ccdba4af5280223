import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import {
  ChartSearch,
  CloseSearch,
  DailySearch,
  FigureSearch,
  ReconcileSearch,
  StatementSearch,
  TrialBalanceSearch,
} from '../../data/books/finance-search.ts'
import { listSearch } from '../../data/search/page-search.ts'
import { inOrder } from '../../data/search/ranges.ts'
import { sortKey } from '../../data/search/sort-key.ts'
import { closers, finance, periodReaders } from './readers.ts'
import { rootRoute } from './root.ts'

const trialBalance = createRoute({
  getParentRoute: () => rootRoute,
  path: '/trial-balance',
  validateSearch: listSearch(TrialBalanceSearch),
  staticData: {
    title: 'Trial balance',
    readers: finance,
    menu: { name: 'Trial balance', icon: 'balance', hasZone: true },
  },
  component: lazyRouteComponent(
    () => import('../../features/trial-balance/trial-balance-page.tsx'),
    'TrialBalancePage',
  ),
})

const figureEntries = createRoute({
  getParentRoute: () => rootRoute,
  path: '/trial-balance/$accountId',
  validateSearch: listSearch(FigureSearch),
  staticData: { title: 'Entries of $accountId', readers: finance },
  component: lazyRouteComponent(() => import('../../features/trial-balance/figure-page.tsx'), 'FigurePage'),
})

const dailyTotals = createRoute({
  getParentRoute: () => rootRoute,
  path: '/daily-totals',
  validateSearch: inOrder(DailySearch.extend({ sort: sortKey })),
  staticData: {
    title: 'Daily totals',
    readers: finance,
    menu: { name: 'Daily totals', icon: 'calendar', hasZone: true },
  },
  component: lazyRouteComponent(() => import('../../features/daily-totals/daily-totals-page.tsx'), 'DailyTotalsPage'),
})

const chartOfAccounts = createRoute({
  getParentRoute: () => rootRoute,
  path: '/chart-of-accounts',
  validateSearch: ChartSearch,
  staticData: {
    title: 'Chart of accounts',
    readers: finance,
    menu: { name: 'Chart', icon: 'tree', hasZone: true },
  },
  component: lazyRouteComponent(() => import('../../features/chart-of-accounts/chart-page.tsx'), 'ChartPage'),
})

const reconcile = createRoute({
  getParentRoute: () => rootRoute,
  path: '/reconcile',
  validateSearch: listSearch(ReconcileSearch),
  staticData: {
    title: 'Reconcile',
    readers: finance,
    menu: { name: 'Reconcile', icon: 'check', hasZone: true },
  },
  component: lazyRouteComponent(() => import('../../features/reconcile-statement/reconcile-page.tsx'), 'ReconcilePage'),
})

const reconciliation = createRoute({
  getParentRoute: () => rootRoute,
  path: '/reconcile/$statementId',
  validateSearch: StatementSearch,
  staticData: { title: 'Statement $statementId', readers: finance },
  component: lazyRouteComponent(() => import('../../features/reconcile-statement/statement-page.tsx'), 'StatementPage'),
})

const periods = createRoute({
  getParentRoute: () => rootRoute,
  path: '/periods',
  staticData: { title: 'Periods', readers: periodReaders, menu: { name: 'Periods', icon: 'lock' } },
  component: lazyRouteComponent(() => import('../../features/close-periods/periods-page.tsx'), 'PeriodsPage'),
})

const period = createRoute({
  getParentRoute: () => rootRoute,
  path: '/periods/$periodId',
  staticData: { title: 'Period $periodId', readers: periodReaders },
  component: lazyRouteComponent(() => import('../../features/close-periods/period-page.tsx'), 'PeriodPage'),
})

const closePeriod = createRoute({
  getParentRoute: () => rootRoute,
  path: '/close-period',
  validateSearch: CloseSearch,
  staticData: { title: 'Close a period', readers: closers },
  component: lazyRouteComponent(() => import('../../features/close-periods/close-page.tsx'), 'ClosePage'),
})

export const bookRoutes = [
  trialBalance,
  figureEntries,
  dailyTotals,
  chartOfAccounts,
  reconcile,
  reconciliation,
  periods,
  period,
  closePeriod,
] as const
