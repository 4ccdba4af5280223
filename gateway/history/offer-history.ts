import type { Clock } from '@micropay/runtime/clock'
import type { History } from '@micropay/schemas/api/history'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { upstreamHealth } from '../forward/upstream-health.ts'
import type { Upstream } from '../forward/upstreams.ts'
import { askAlerts } from './ask-alerts.ts'
import { askErrors } from './ask-errors.ts'
import { keepHistory } from './keep-history.ts'
import { takeSample } from './take-sample.ts'

export type HistoryOptions = {
  readonly clock: Clock
  readonly historyEveryMs?: number
  readonly alertmanagerUrl?: string | undefined
}

/** GET /v1/history: what was kept of the last hour, and who says now what went wrong last. Looks end with the app. */
export function offerHistory(
  app: FastifyInstance,
  services: readonly Upstream[],
  { clock, historyEveryMs, alertmanagerUrl }: HistoryOptions,
): (request: FastifyRequest) => Promise<History> {
  const history = keepHistory(
    { sample: () => takeSample(services, clock.nowMs), health: () => upstreamHealth(services) },
    clock,
    historyEveryMs,
  )
  app.addHook('onClose', async () => history.close())
  return async (request) => {
    const [errors, alerts] = await Promise.all([askErrors(services, request), askAlerts(alertmanagerUrl)])
    return { ...history.kept(), ...errors, ...alerts }
  }
}
