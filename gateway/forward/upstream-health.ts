import { z } from 'zod'
import { askReady } from './ask-ready.ts'
import type { Upstream } from './upstreams.ts'

const Readiness = z.object({ status: z.string(), reason: z.string().optional(), trouble: z.string().optional() })
export type UpstreamHealth = {
  readonly status: 'ready' | 'not ready'
  /** Why it is not ready, or what troubles it although it is. */
  readonly reason?: string
  /** Whether it answered at all. */
  readonly reached: boolean
}

/** What each service says of itself at /health/ready; one that does not answer in time is not ready. */
export async function upstreamHealth(upstreams: Iterable<Upstream>): Promise<Record<string, UpstreamHealth>> {
  const all = Array.from(upstreams, async (upstream) => [upstream.name, await healthOf(upstream)] as const)
  return Object.fromEntries(await Promise.all(all))
}

async function healthOf({ lanes, prefix }: Upstream): Promise<UpstreamHealth> {
  try {
    const answer = await askReady(lanes.health.requests, prefix)
    const said = Readiness.safeParse(await answer.body.json()).data
    const { trouble } = said ?? {}
    if (answer.statusCode === 200) {
      return { status: 'ready', reached: true, ...(trouble === undefined ? {} : { reason: trouble }) }
    }
    return { status: 'not ready', reached: true, reason: said?.reason ?? `answers ${answer.statusCode}` }
  } catch {
    return { status: 'not ready', reached: false, reason: 'does not answer' }
  }
}
