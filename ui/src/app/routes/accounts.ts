import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { allows } from '../../api/session.ts'
import { AccountFilter } from '../../data/accounts/list-accounts.ts'
import { listSearch } from '../../data/search/page-search.ts'
import { inOrder } from '../../data/search/ranges.ts'
import { SearchFilter } from '../../data/search/search-filter.ts'
import { sortKey } from '../../data/search/sort-key.ts'
import { askedDay } from '../../time/days.ts'
import { reportingZone } from '../../time/reporting-zone.ts'
import { accountReaders, operators } from './readers.ts'
import { rootRoute } from './root.ts'

const accounts = createRoute({
  getParentRoute: () => rootRoute,
  path: '/accounts',
  // The list knows no days; the zone goes along to the statements.
  validateSearch: listSearch(AccountFilter.extend({ sort: sortKey, zone: reportingZone })),
  staticData: {
    title: 'Accounts',
    readers: accountReaders,
    menu: {
      ...{ name: 'Accounts', icon: 'wallet', hasZone: true },
      isFor: (session) => allows(session, 'accounts:read:any'),
    },
  },
  component: lazyRouteComponent(() => import('../../features/find-accounts/accounts-page.tsx'), 'AccountsPage'),
})

const openAccount = createRoute({
  getParentRoute: () => rootRoute,
  path: '/open-account',
  staticData: { title: 'Open account', readers: operators },
  component: lazyRouteComponent(() => import('../../features/open-account/open-account-page.tsx'), 'OpenAccountPage'),
})

/** `on` is the day whose balance is shown. */
const StatementFilter = SearchFilter.extend({ on: askedDay })

const account = createRoute({
  getParentRoute: () => rootRoute,
  path: '/accounts/$accountId',
  validateSearch: inOrder(listSearch(StatementFilter)),
  staticData: { title: '$accountId', readers: accountReaders },
  component: lazyRouteComponent(() => import('../../features/read-statement/account-page.tsx'), 'AccountPage'),
})

export const accountRoutes = [accounts, openAccount, account] as const
