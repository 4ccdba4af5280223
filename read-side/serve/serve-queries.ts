import { systemClock } from '@micropay/runtime/clock'
import { closeOnSignal } from '@micropay/runtime/close-on-signal'
import { closeWithin } from '@micropay/runtime/close-within'
import { port } from '@micropay/runtime/config'
import { drain } from '@micropay/runtime/drain'
import type { Http } from '@micropay/runtime/http'
import { createLogger, type Logger } from '@micropay/runtime/logger'
import { databaseAnswers } from '@micropay/runtime/pool'
import type { Registration } from '@micropay/runtime/registry/keep-registered'
import { joinRegistry, registryEnvironment } from '@micropay/runtime/registry/registry-environment'
import { keyRing, type Secret } from '@micropay/runtime/settings/key-ring'
import { offerConfiguration } from '@micropay/runtime/settings/offer-configuration'
import type { Settings } from '@micropay/runtime/settings/open-settings'
import { logFormat, logLevel } from '@micropay/runtime/settings/own-settings'
import { watchRoles } from '@micropay/runtime/split-roles'
import { metricsEnvironment, openMetrics } from '@micropay/runtime/telemetry/open-metrics'
import type { Metrics } from '@micropay/runtime/telemetry/told'
import { openTracing } from '@micropay/runtime/telemetry/tracing'
import { tracingEnvironment } from '@micropay/runtime/telemetry/tracing-environment'
import { listenWithTls } from '@micropay/runtime/tls/listen-with-tls'
import type { ServiceTls } from '@micropay/runtime/tls/service-tls'
import { healthEnvironment, openTls, tlsEnvironment } from '@micropay/runtime/tls/tls-environment'
import { openTokenVerifier, tokenEnvironment } from '@micropay/runtime/token-settings'
import type { VerifyToken } from '@micropay/runtime/verify-token'
import { z } from 'zod'
import type { Reader } from '../position/await-position.ts'
import { openReader } from '../position/open-reader.ts'

/** What every read-side reads from its environment, besides the URL of its own database. */
export const queryEnvironment = (usualPort: number) => ({
  ...tlsEnvironment,
  ...healthEnvironment,
  ...metricsEnvironment,
  ...registryEnvironment,
  ...tracingEnvironment,
  PORT: port(usualPort),
  HOST: z.string().default('127.0.0.1'),
  ...tokenEnvironment,
  CURSOR_SECRET: keyRing({
    atLeast: 16,
    error: 'must be a secret of 16 characters or more, the same for all replicas; of several, one a line',
  }),
  LOG_LEVEL: logLevel,
  LOG_FORMAT: logFormat,
})

export const databaseUrl = z.string().regex(/^postgres(ql)?:\/\//, { error: 'must be a postgres:// URL' })

export type QueryConfig = z.infer<z.ZodObject<ReturnType<typeof queryEnvironment>>>

/** What an app of queries is built from; `Tables` are the service's own. */
export type QueryAppDeps<Tables> = Reader<Tables> & {
  readonly logger: Logger
  readonly verifyToken: VerifyToken
  readonly cursorSecret: Secret
  readonly tls?: ServiceTls | undefined
  readonly metrics?: Metrics | undefined
}

/** One read-side: its name, the database that its projection fills and with which tables, and its app. */
export type QueryService<Tables> = {
  readonly name: 'accounts' | 'audit' | 'reconciliation'
  readonly version: number
  readonly databaseUrl: string
  /** Other databases that it only reads, by their variables. */
  readonly reads?: Readonly<Record<string, string | undefined>>
  readonly buildApp: (deps: QueryAppDeps<Tables>) => Promise<Http>
  /** What else it says when it listens. */
  readonly about?: Readonly<Record<string, string>>
}

/** So long an answer that is under way may take yet, once nobody asks anew: who stops a process waits 15 s. */
const ANSWERED_WITHIN_MS = 10_000

/** Runs one read-side as a process until a signal: the app is closed first, then what it reads with. */
export async function serveQueries<Tables>(
  service: QueryService<Tables>,
  settings: Settings<QueryConfig>,
): Promise<void> {
  const config = settings.values
  const logger = createLogger(`read-side/${service.name}`, config.LOG_LEVEL, process.stdout, config.LOG_FORMAT)
  settings.follow(logger)
  const tls = await openTls(config, service.name, logger)
  const tracing = await openTracing(config, service.name, logger)
  const metrics = await openMetrics(config, service.name, logger, { service: tls })
  const reader = openReader<Tables>({
    ...{ service: service.name, version: service.version, databaseUrl: service.databaseUrl },
    ...{ clock: systemClock, logger },
  })
  const verifyToken = openTokenVerifier(config, systemClock)
  const cursorSecret = settings.live('CURSOR_SECRET')
  const app = await service.buildApp({ ...reader, logger, verifyToken, cursorSecret, tls, metrics })
  const variable = `${service.name.toUpperCase()}_DATABASE_URL`
  offerConfiguration(app, settings, watchRoles({ [variable]: service.databaseUrl, ...service.reads }, logger))
  let registration: Registration | undefined
  closeOnSignal(logger, async () => {
    const leaving = Promise.all([drain(app, systemClock), registration?.leave()])
    const [isAnswering] = await Promise.all([databaseAnswers(service.databaseUrl), leaving])
    const closing = closeWithin(app, ANSWERED_WITHIN_MS, systemClock)
    // Nobody waits for what a database that stands still was asked.
    if (!isAnswering) await reader.close()
    await closing
    await Promise.all([reader.close(), tracing.close()])
    await metrics?.close()
  })
  const address = await listenWithTls(app, config, tls)
  logger.info({ address, ...service.about }, 'listening')
  registration = joinRegistry(config, service.name, address, logger)
  if (registration) app.addTrouble(registration.trouble)
}
