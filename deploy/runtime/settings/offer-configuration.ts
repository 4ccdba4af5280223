import { hostname } from 'node:os'
import { ServiceConfiguration } from '@micropay/schemas/api/configuration'
import type { Http } from '../http.ts'
import type { Settings } from './open-settings.ts'

/** GET /v1/configuration of one service: what is in force in this process, for who operates the site. */
export function offerConfiguration(app: Http, settings: Told): void {
  app.get(
    '/v1/configuration',
    {
      onRequest: app.allow('platform:operate'),
      schema: { hide: true, response: { 200: ServiceConfiguration } },
    },
    async () => configurationOf(settings),
  )
}

type Told = Pick<Settings<unknown>, 'service' | 'inForce' | 'trouble'>

export function configurationOf(settings: Told): ServiceConfiguration {
  const { settings: shown, lastReload } = settings.inForce()
  return {
    service: settings.service,
    instance: `${hostname()}-${process.pid}`,
    settings: [...shown],
    lastReload: lastReload && { ...lastReload, changed: [...lastReload.changed], waiting: [...lastReload.waiting] },
    trouble: settings.trouble() ?? null,
  }
}
