import { type Configuration, ServiceConfiguration } from '@micropay/schemas/api/configuration'
import type { FastifyRequest } from 'fastify'
import type { Upstream } from '../forward/upstreams.ts'

const TIMEOUT_MS = 3_000

/** The settings of this gateway and of an instance of each service behind it, for the caller who asks. */
export async function configurationOfAll(
  own: ServiceConfiguration,
  upstreams: readonly Upstream[],
  request: FastifyRequest,
): Promise<Configuration> {
  const headers = { authorization: request.bearer, traceparent: String(request.headers.traceparent) }
  const answers = await Promise.all(
    upstreams.map(async (upstream) => ({ upstream, said: await ask(upstream, headers) })),
  )
  return {
    services: [own, ...answers.flatMap(({ said }) => (typeof said === 'string' ? [] : [said]))],
    unreachable: answers.flatMap(({ upstream, said }) =>
      typeof said === 'string' ? [{ service: upstream.name, reason: said }] : [],
    ),
  }
}

/** What it says, or why there is nothing. */
async function ask(
  { lanes, prefix }: Upstream,
  headers: Readonly<Record<string, string>>,
): Promise<ServiceConfiguration | string> {
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    const answer = await lanes.health.requests.request({
      path: `${prefix}/v1/configuration`,
      method: 'GET',
      headers,
      signal,
    })
    if (answer.statusCode !== 200) {
      await answer.body.dump()
      return `answers ${answer.statusCode}`
    }
    const said = ServiceConfiguration.safeParse(await answer.body.json())
    return said.success ? said.data : 'answers in a form that the gateway does not know'
  } catch {
    return 'does not answer'
  }
}
