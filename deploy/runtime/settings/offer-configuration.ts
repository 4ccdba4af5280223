import { hostname } from 'node:os'
import { ServiceConfiguration } from '@micropay/schemas/api/configuration'
import { buildOf } from '../build.ts'
import type { Http } from '../http.ts'
import { offerLastError } from '../offer-last-error.ts'
import type { Settings } from './open-settings.ts'

/**
 * GET /v1/configuration of one service: what is in force in this process, for who operates the site; and what went
 * wrong in it last.
 */
export function offerConfiguration(app: Http, settings: Told, notices: Notices = () => []): void {
  offerLastError(app)
  app.get(
    '/v1/configuration',
    {
      onRequest: app.allow('platform:operate'),
      schema: { hide: true, response: { 200: ServiceConfiguration } },
    },
    async () => configurationOf(settings, notices),
  )
}

type Told = Pick<Settings<unknown>, 'service' | 'inForce' | 'trouble'>

/** What people should know who look at the settings, besides what is wrong with them. */
type Notices = () => readonly string[]

export function configurationOf(settings: Told, notices: Notices = () => []): ServiceConfiguration {
  const { settings: shown, lastReload } = settings.inForce()
  return {
    service: settings.service,
    instance: `${hostname()}-${process.pid}`,
    ...buildOf(),
    settings: [...shown],
    lastReload: lastReload && { ...lastReload, changed: [...lastReload.changed], waiting: [...lastReload.waiting] },
    trouble: settings.trouble() ?? null,
    notices: [...notices()],
  }
}
