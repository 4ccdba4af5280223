import type { Readable } from 'node:stream'
import { ProblemError } from '@micropay/runtime/problem-error'
import type { FastifyRequest } from 'fastify'
import type { Route } from '../routes.ts'
import { askInTurn, type Requests } from './ask-in-turn.ts'
import { requestHeaders } from './headers.ts'
import type { LaneName } from './lanes.ts'
import { partitionAsked } from './partition-asked.ts'
import { projectionOf } from './projections.ts'
import type { Projections, Upstream, Upstreams } from './upstreams.ts'

export type Addresses = {
  readonly upstreams: Upstreams
  readonly projections: Projections
  readonly publicUrl: URL
}
export type Addressing = ReturnType<typeof addressing>

/** Where a request goes, and with which path and headers. */
export function addressing({ upstreams, projections, publicUrl }: Addresses) {
  const to = {
    headersFor(request: FastifyRequest): Record<string, string | string[]> {
      const addressed = { authorization: request.bearer, clientAddress: request.ip, publicUrl }
      return requestHeaders(request.headers, addressed, request.method === 'POST')
    },
    upstreamOf(route: Route, request: FastifyRequest): Upstream {
      if (route.upstream === 'gateway') throw new RangeError(`${route.path} is the gateway's own`)
      return route.upstream === 'projections' ? projectionOf(projections, request) : upstreams[route.upstream]
    },
    pathFor(request: FastifyRequest, upstream: Upstream): string {
      if (!request.url.startsWith('/')) throw new ProblemError('invalid_request', 'ask for a path, not for an address')
      return upstream.prefix + request.url
    },
  }
  const optionsOf = (request: FastifyRequest, upstream: Upstream, body: Buffer | Readable | null) => {
    const method = request.method === 'GET' ? 'GET' : 'POST'
    return { path: to.pathFor(request, upstream), method, headers: to.headersFor(request), body } as const
  }
  return { ...to, optionsOf }
}

/** Of several workers the one that decides it, and others where that one is gone. */
export function requestsFor({ lanes, workers }: Upstream, lane: LaneName, request: FastifyRequest): Requests {
  if (!workers || request.method !== 'POST') return lanes[lane].requests
  return askInTurn(workers.of(lane), partitionAsked(request, workers.partitions()))
}
