import { LastErrorAnswer } from '@micropay/schemas/api/history'
import type { Http } from './http.ts'
import { lastError } from './last-error.ts'

/** GET /v1/last-error of one service, for who watches the site: the gateway asks it with that person's token. */
export function offerLastError(app: Http): void {
  app.get(
    '/v1/last-error',
    { onRequest: app.allow('platform:read'), schema: { hide: true, response: { 200: LastErrorAnswer } } },
    async () => ({ lastError: lastError() }),
  )
}
