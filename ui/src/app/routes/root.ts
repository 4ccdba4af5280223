import { createRootRoute } from '@tanstack/react-router'
import { dropPages } from '../../data/search/page-search.ts'

/** What all pages stand in. The routes load no component, so that tests can read them without a browser. */
export const rootRoute = createRootRoute({
  search: { middlewares: [dropPages] },
  staticData: { title: 'Page not found', readers: 'everybody' },
})
