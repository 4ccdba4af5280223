import type { Http } from '@micropay/runtime/http'
import { ProblemError } from '@micropay/runtime/problem-error'
import type { ProjectionStatus } from '@micropay/schemas/api/projection'
import { ProjectionVitals } from '@micropay/schemas/api/vitals'
import type { Worker } from './worker.ts'

type Status = Pick<ProjectionStatus, 'state' | 'ratePerSecond' | 'lagRecords' | 'lagSeconds'>

/**
 * GET /vitals, for gateways that keep an hour of it: nobody signs in for it, as for /health. Who asks while an answer
 * is being found is given that one. 503 where the database does not say.
 */
export function offerVitals(
  app: Http,
  worker: Pick<Worker, 'notReadyBecause'>,
  ask: () => Promise<readonly Status[]>,
): void {
  let asking: Promise<ProjectionVitals> | undefined
  app.get('/vitals', { schema: { hide: true, response: { 200: ProjectionVitals } } }, async () => {
    const reason = worker.notReadyBecause()
    if (reason !== undefined) throw new ProblemError('projection_behind', reason)
    asking ??= ask()
      .then(vitalsOf, (cause: unknown) => {
        const told = new ProblemError(
          'projection_behind',
          'the read model does not say where it stands: ask again soon',
        )
        told.cause = cause
        throw told
      })
      .finally(() => {
        asking = undefined
      })
    return asking
  })
}

/**
 * How the live versions get on, the worst of them and of their partitions. A lag that is not known may be larger than
 * all others, so then none is.
 */
export function vitalsOf(statuses: readonly Status[]): ProjectionVitals {
  const live = statuses.filter(({ state }) => state === 'live')
  const records = live.flatMap(({ lagRecords }) => lagRecords ?? [])
  return {
    appliedPerSecond: Math.max(0, ...live.map(({ ratePerSecond }) => ratePerSecond)),
    lagRecords: live.length > 0 && records.length === live.length ? Math.max(...records) : null,
    lagSeconds: Math.max(0, ...live.map(({ lagSeconds }) => lagSeconds)),
  }
}
