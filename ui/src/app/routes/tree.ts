import { accountRoutes } from './accounts.ts'
import { approvalRoutes } from './approvals.ts'
import { auditRoutes } from './audit.ts'
import { bookRoutes } from './books.ts'
import { customerRoutes } from './customer.ts'
import { paymentRoutes } from './payments.ts'
import { projectionRoutes } from './projections.ts'
import { rootRoute } from './root.ts'

/** All pages. The navigation has them in this order: for each of those who use them, the most used first. */
const routes = [
  ...customerRoutes,
  ...auditRoutes,
  ...accountRoutes,
  ...paymentRoutes,
  ...bookRoutes,
  ...approvalRoutes,
  ...projectionRoutes,
] as const

export const routeTree = rootRoute.addChildren(routes)

/** The address of a page, with `$accountId` and the like where it names something. */
export type PagePath = (typeof routes)[number]['fullPath']

/** What each page declares of itself, by its address. */
export const pages = routes.flatMap(({ options }) =>
  'path' in options ? [{ path: options.path, ...options.staticData }] : [],
)
