import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { z } from 'zod'
import { AccessSearch } from '../../data/audit/access-search.ts'
import { listSearch } from '../../data/search/page-search.ts'
import { auditors } from './readers.ts'
import { rootRoute } from './root.ts'

const audit = createRoute({
  getParentRoute: () => rootRoute,
  path: '/audit',
  staticData: { title: 'Audit', readers: auditors, menu: { name: 'Audit', icon: 'clock' } },
  component: lazyRouteComponent(() => import('../../features/audit/audit-page.tsx'), 'AuditPage'),
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
  staticData: { title: 'Replay of $accountId', readers: auditors },
  component: lazyRouteComponent(() => import('../../features/audit/replay/replay-page.tsx'), 'ReplayPage'),
})

const record = createRoute({
  getParentRoute: () => rootRoute,
  path: '/audit/records/$position',
  staticData: { title: 'Record $position', readers: auditors },
  component: lazyRouteComponent(() => import('../../features/audit/records/record-page.tsx'), 'RecordPage'),
})

const verify = createRoute({
  getParentRoute: () => rootRoute,
  path: '/audit/verify',
  staticData: { title: 'Verify the log', readers: auditors },
  component: lazyRouteComponent(() => import('../../features/audit/verify/verify-page.tsx'), 'VerifyPage'),
})

const accesses = createRoute({
  getParentRoute: () => rootRoute,
  path: '/audit/accesses',
  validateSearch: listSearch(AccessSearch),
  staticData: { title: 'Access log', readers: auditors },
  component: lazyRouteComponent(() => import('../../features/audit/accesses/accesses-page.tsx'), 'AccessesPage'),
})

export const auditRoutes = [audit, replay, record, verify, accesses] as const
