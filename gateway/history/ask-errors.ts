import { lastError } from '@micropay/runtime/last-error'
import { type History, LastErrorAnswer } from '@micropay/schemas/api/history'
import type { FastifyRequest } from 'fastify'
import type { Upstream } from '../forward/upstreams.ts'

const TIMEOUT_MS = 2_000

/** What this gateway, and an instance of each service behind it, logged last as an error, for the caller who asks. */
export async function askErrors(
  services: readonly Upstream[],
  request: FastifyRequest,
): Promise<Pick<History, 'errors' | 'unreachable'>> {
  const headers = { authorization: request.bearer, traceparent: String(request.headers.traceparent) }
  const answers = await Promise.all(
    services.map(async ({ name, lanes, prefix }) => {
      return { service: name, said: await ask(lanes.health.requests, prefix, headers) }
    }),
  )
  return {
    errors: [
      { service: 'gateway', lastError: lastError() },
      ...answers.flatMap(({ service, said }) => (typeof said === 'string' ? [] : [{ service, ...said }])),
    ],
    unreachable: answers.flatMap(({ service, said }) => (typeof said === 'string' ? [{ service, reason: said }] : [])),
  }
}

/** What it says, or why there is nothing. */
async function ask(
  requests: Upstream['lanes']['health']['requests'],
  prefix: string,
  headers: Readonly<Record<string, string>>,
): Promise<LastErrorAnswer | string> {
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    const answer = await requests.request({ path: `${prefix}/v1/last-error`, method: 'GET', headers, signal })
    if (answer.statusCode !== 200) {
      await answer.body.dump()
      return `answers ${answer.statusCode}`
    }
    const said = LastErrorAnswer.safeParse(await answer.body.json())
    return said.success ? said.data : 'answers in a form that the gateway does not know'
  } catch {
    return 'does not answer'
  }
}
