import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { allows } from '../../api/session.ts'
import { ApprovalsSearch } from '../../data/approvals/approvals-search.ts'
import { listSearch } from '../../data/search/page-search.ts'
import { approvalReaders, policyReaders } from './readers.ts'
import { rootRoute } from './root.ts'

const approvals = createRoute({
  getParentRoute: () => rootRoute,
  path: '/approvals',
  validateSearch: listSearch(ApprovalsSearch),
  staticData: {
    title: 'Approvals',
    readers: approvalReaders,
    menu: {
      ...{ name: 'Approvals', icon: 'people', countsApprovals: true },
      isFor: (session) => allows(session, 'approvals:decide') || allows(session, 'audit:read'),
    },
  },
  component: lazyRouteComponent(() => import('../../features/decide-approvals/approvals-page.tsx'), 'ApprovalsPage'),
})

const approval = createRoute({
  getParentRoute: () => rootRoute,
  path: '/approvals/$proposalId',
  staticData: { title: 'Proposal $proposalId', readers: approvalReaders },
  component: lazyRouteComponent(() => import('../../features/decide-approvals/approval-page.tsx'), 'ApprovalPage'),
})

const policies = createRoute({
  getParentRoute: () => rootRoute,
  path: '/policies',
  staticData: { title: 'What needs two persons', readers: policyReaders },
  component: lazyRouteComponent(() => import('../../features/decide-approvals/policies-page.tsx'), 'PoliciesPage'),
})

export const approvalRoutes = [approvals, approval, policies] as const
