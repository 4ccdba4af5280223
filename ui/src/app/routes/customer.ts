import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { z } from 'zod'
import { isCustomer } from '../../api/session.ts'
import { PrefilledSearch } from '../../data/payments/prefilled-search.ts'
import { sortKey } from '../../data/search/sort-key.ts'
import { customers, payers } from './readers.ts'
import { rootRoute } from './root.ts'

/** Its component is the one that is not lazy: router.tsx gives it. */
export const home = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  staticData: {
    title: 'Your accounts',
    readers: 'everybody',
    // A customer has the start for what the list of all accounts is to others.
    menu: { name: 'Home', icon: 'wallet', isFor: isCustomer },
  },
})

const send = createRoute({
  getParentRoute: () => rootRoute,
  path: '/send',
  validateSearch: PrefilledSearch,
  staticData: { title: 'Send money', readers: customers, menu: { name: 'Send', icon: 'send' } },
  component: lazyRouteComponent(() => import('../../features/move-money/send/send-money-page.tsx'), 'SendMoneyPage'),
})

const payees = createRoute({
  getParentRoute: () => rootRoute,
  path: '/payees',
  validateSearch: z.object({ sort: sortKey }),
  staticData: { title: 'Saved payees', readers: payers },
  component: lazyRouteComponent(() => import('../../features/save-payees/payees-page.tsx'), 'PayeesPage'),
})

export const customerRoutes = [home, send, payees] as const
