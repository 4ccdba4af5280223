import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { ProjectionSearch } from '../../data/flow/projection-search.ts'
import { staff } from './readers.ts'
import { rootRoute } from './root.ts'

const projections = createRoute({
  getParentRoute: () => rootRoute,
  path: '/projections',
  validateSearch: ProjectionSearch,
  staticData: {
    title: 'Flow and projections',
    readers: staff,
    menu: { name: 'Projections', icon: 'gauge' },
  },
  component: lazyRouteComponent(
    () => import('../../features/watch-projections/projections-page.tsx'),
    'ProjectionsPage',
  ),
})

export const projectionRoutes = [projections] as const
