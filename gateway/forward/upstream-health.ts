import { z } from 'zod'
import type { Upstream, Upstreams } from './upstreams.ts'

const TIMEOUT_MS = 1500
const Readiness = z.object({ status: z.string(), reason: z.string().optional() })
export type UpstreamHealth = { readonly status: 'ready' | 'not ready'; readonly reason?: string }

/** What each service says of itself at /health/ready; one that does not answer in time is not ready. */
export async function upstreamHealth(upstreams: Upstreams): Promise<Record<string, UpstreamHealth>> {
  const all = Object.values(upstreams).map(async (upstream) => [upstream.name, await healthOf(upstream)] as const)
  return Object.fromEntries(await Promise.all(all))
}

async function healthOf({ requests, prefix }: Upstream): Promise<UpstreamHealth> {
  try {
    const answer = await requests.request({
      path: `${prefix}/health/ready`,
      method: 'GET',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    const said = Readiness.safeParse(await answer.body.json()).data
    if (answer.statusCode === 200) return { status: 'ready' }
    return { status: 'not ready', reason: said?.reason ?? `answers ${answer.statusCode}` }
  } catch {
    return { status: 'not ready', reason: 'does not answer' }
  }
}
