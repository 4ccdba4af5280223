import type { Clock } from '@micropay/runtime/clock'
import { type UnreachableWorker, type WorkerStatus, WorkerStatusList } from '@micropay/schemas/api/worker'
import type { FastifyRequest } from 'fastify'
import type { View } from '../share/directory.ts'
import { PASSED_ON } from './pass-on.ts'

const ANSWERS_WITHIN_MS = 1_500

export type OtherReports = { readonly items: readonly WorkerStatus[]; readonly unreachable: UnreachableWorker[] }

/** What the other workers say of themselves to this caller; who does not answer in time is named. */
export async function askOtherWorkers(
  view: View | undefined,
  workerId: string,
  request: FastifyRequest,
  clock: Clock,
  fetchWorker: typeof fetch = fetch,
): Promise<OtherReports> {
  if (request.headers[PASSED_ON] !== undefined) return { items: [], unreachable: [] }
  const others = Array.from(view?.workers ?? []).filter(([worker]) => worker !== workerId)
  const headers = { authorization: String(request.headers.authorization), [PASSED_ON]: workerId }
  const answers = await Promise.all(
    others.map(async ([worker, { url }]) => ({
      worker,
      url,
      said: await reportOf(fetchWorker, clock, `${url}/v1/workers`, headers),
    })),
  )
  return {
    items: answers.flatMap(({ said }) => (typeof said === 'string' ? [] : said)),
    unreachable: answers.flatMap(({ worker, url, said }) =>
      typeof said === 'string' ? [{ worker, url, reason: said }] : [],
    ),
  }
}

async function reportOf(
  fetchWorker: typeof fetch,
  clock: Clock,
  url: string,
  headers: Record<string, string>,
): Promise<readonly WorkerStatus[] | string> {
  try {
    const answer = await fetchWorker(url, { headers, signal: clock.deadline(ANSWERS_WITHIN_MS), redirect: 'manual' })
    if (answer.status !== 200) return `answers ${answer.status}`
    const said = WorkerStatusList.safeParse(await answer.json())
    return said.success ? said.data.items : 'answers in a form that is not known here'
  } catch {
    return 'does not answer'
  }
}
