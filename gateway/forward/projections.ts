import { ProblemError } from '@micropay/runtime/problem-error'
import { UnreachableService } from '@micropay/schemas/api/projection'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Projections, Upstream } from './upstreams.ts'

/** Longer than a projection itself waits for a log that does not answer. */
const TIMEOUT_MS = 3_000
/** What the projections say is passed on as it is, so that an older gateway hides nothing of a newer one. */
const Statuses = z.object({
  items: z.array(z.looseObject({ service: z.string() })),
  unreachable: z.array(UnreachableService).default([]),
})

type Answered = z.infer<typeof Statuses>

/**
 * Asks all projection services at once and answers with what there is; who did not answer is named in `unreachable`.
 */
export async function askEveryProjection(
  projections: Projections,
  pathFor: (request: FastifyRequest, upstream: Upstream) => string,
  headersFor: (request: FastifyRequest) => Record<string, string | string[]>,
  request: FastifyRequest,
): Promise<Answered> {
  const headers = headersFor(request)
  const answers = await Promise.all(
    Array.from(projections, async ([service, upstream]) => ({
      service,
      said: await statusesOf(upstream, pathFor(request, upstream), headers),
    })),
  )
  return {
    items: answers.flatMap(({ said }) => (typeof said === 'string' ? [] : said.items)),
    unreachable: answers.flatMap(({ service, said }) =>
      typeof said === 'string' ? [{ service, reason: said }] : said.unreachable,
    ),
  }
}

/** Which one a path with `:service` means. */
export function projectionOf(projections: Projections, request: FastifyRequest): Upstream {
  const { service } = z.object({ service: z.string() }).parse(request.params)
  const upstream = projections.get(service)
  if (upstream) return upstream
  const known = [...projections.keys()].join(', ')
  throw new ProblemError('not_found', `there is no projection service of this name; there are ${known}`)
}

async function statusesOf(
  { lanes }: Upstream,
  path: string,
  headers: Record<string, string | string[]>,
): Promise<Answered | string> {
  try {
    const answer = await lanes.read.requests.request({
      path,
      method: 'GET',
      headers,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    if (answer.statusCode !== 200) {
      await answer.body.dump()
      return `answers ${answer.statusCode}`
    }
    const said = Statuses.safeParse(await answer.body.json())
    return said.success ? said.data : 'answers in a form that the gateway does not know'
  } catch {
    return 'does not answer'
  }
}
