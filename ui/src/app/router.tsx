import { createRouter } from '@tanstack/react-router'
import { pathWith } from '../api/path.ts'
import { NotFoundPage } from '../components/failure/not-found-page.tsx'
import { PageFailed } from '../components/failure/page-failed.tsx'
import { HomePage } from '../features/see-balances/home-page.tsx'
import { App } from './app.tsx'
import { home } from './routes/customer.ts'
import { rootRoute } from './routes/root.ts'
import { routeTree } from './routes/tree.ts'

/**
 * The pages as they are declared in routes/, inside the app. The start is loaded with it; every other page when it is
 * gone to.
 */
export function createAppRouter() {
  rootRoute.update({ ...rootRoute.options, component: App, notFoundComponent: NotFoundPage })
  home.update({ ...home.options, component: HomePage })
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
