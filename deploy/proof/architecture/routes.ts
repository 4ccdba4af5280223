import { type Route, routes } from '@micropay/gateway/routes'
import { codes, tableOf } from './markdown.ts'

/** How each route of the gateway's table flows; who may call it stands in docs/api.md. */
export function describeRoutes(): string {
  return tableOf(
    ['method', 'path', 'answered by', 'flow', 'body at most', 'told again while its service is away'],
    routes.map((route) => [
      route.method,
      `\`${route.path}\``,
      route.upstream,
      route.lane === undefined ? route.flow : `${route.flow}, places of \`${route.lane}\``,
      route.method === 'POST' ? bytes(route.bodyLimitBytes) : '',
      keptOf(route),
    ]),
  )
}

/** How many routes each service answers, and of which flows. */
export function countRoutes(): string {
  const upstreams = [...new Set(routes.map(({ upstream }) => upstream))]
  return tableOf(
    ['answered by', 'GET', 'POST', 'flows'],
    upstreams.map((upstream) => {
      const own = routes.filter((route) => route.upstream === upstream)
      const count = (method: Route['method']) => String(own.filter((route) => route.method === method).length)
      return [upstream, count('GET'), count('POST'), codes(new Set(own.map(({ flow }) => flow)))]
    }),
  )
}

function keptOf({ kept, isBalance }: Route): string {
  if (kept === undefined) return ''
  const whose = kept === 'own' ? 'to who sees own accounts alone' : 'to all who may see it'
  return isBalance ? `${whose}; and for BALANCE_CACHE_MS` : whose
}

const KIB = 1024

function bytes(count: number): string {
  return count >= KIB * KIB ? `${count / KIB / KIB} MiB` : `${count / KIB} KiB`
}
