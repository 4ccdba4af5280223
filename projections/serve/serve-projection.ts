import { type LogEnvironment, logEnvironment, openEventLog } from '@micropay/event-log/open-event-log'
import { systemClock } from '@micropay/runtime/clock'
import { closeOnSignal } from '@micropay/runtime/close-on-signal'
import { closeWithin } from '@micropay/runtime/close-within'
import { port } from '@micropay/runtime/config'
import type { LogFormat } from '@micropay/runtime/log-format/formats'
import { createLogger } from '@micropay/runtime/logger'
import { openLeases } from '@micropay/runtime/open-leases'
import { openPool } from '@micropay/runtime/pool'
import type { Registration } from '@micropay/runtime/registry/keep-registered'
import {
  joinRegistry,
  type RegistryEnvironment,
  registryEnvironment,
} from '@micropay/runtime/registry/registry-environment'
import { offerConfiguration } from '@micropay/runtime/settings/offer-configuration'
import type { Settings } from '@micropay/runtime/settings/open-settings'
import { logFormat, logLevel } from '@micropay/runtime/settings/own-settings'
import { watchRoles } from '@micropay/runtime/split-roles'
import { metricsEnvironment, openMetrics } from '@micropay/runtime/telemetry/open-metrics'
import { openTracing } from '@micropay/runtime/telemetry/tracing'
import { type TracingEnvironment, tracingEnvironment } from '@micropay/runtime/telemetry/tracing-environment'
import { listenWithTls } from '@micropay/runtime/tls/listen-with-tls'
import { healthEnvironment, openTls, type TlsEnvironment, tlsEnvironment } from '@micropay/runtime/tls/tls-environment'
import { openTokenVerifier, type TokenSettings, tokenEnvironment } from '@micropay/runtime/token-settings'
import { z } from 'zod'
import type { Projection } from '../projection.ts'
import { buildProjectionsApp } from './build-projections-app.ts'
import { measureProjection } from './projection-metrics.ts'
import { startWorker } from './worker.ts'

export const databaseUrl = z.string().regex(/^postgres(ql)?:\/\//, { error: 'must be a postgres:// URL' })

/** What every projection worker reads from its environment, besides the URL of its own database. */
export const projectionEnvironment = {
  ...logEnvironment,
  ...tlsEnvironment,
  ...healthEnvironment,
  ...metricsEnvironment,
  ...registryEnvironment,
  ...tracingEnvironment,
  PORT: port(8082),
  HOST: z.string().default('127.0.0.1'),
  ...tokenEnvironment,
  LEASE_DATABASE_URL: databaseUrl.optional(),
  LOG_LEVEL: logLevel,
  LOG_FORMAT: logFormat,
}

type ProjectionConfig = LogEnvironment &
  TokenSettings &
  TlsEnvironment &
  RegistryEnvironment &
  TracingEnvironment & {
    readonly PORT: number
    readonly HOST: string
    readonly HEALTH_PORT?: number | undefined
    readonly METRICS_PORT?: number | undefined
    readonly LEASE_DATABASE_URL?: string | undefined
    readonly LOG_LEVEL: string
    readonly LOG_FORMAT: LogFormat
  }

/**
 * A projection's own database: `url` for following the log, `buildUrl` for whoever makes its tables and drops them, the
 * same if not given.
 */
type ProjectionDatabase = { readonly url: string; readonly buildUrl?: string | undefined }

/** A batch has 32 MiB at most; what takes longer than this is watched from beside. */
const STATEMENT_MS = 15_000
const CLOSE_WITHIN_MS = 1_500
/** So long an answer that is under way may take yet: who stops a process waits 15 s. */
const ANSWERED_WITHIN_MS = 12_000
/**
 * Whatever the number of partitions: their transactions wait for one another, and what else may take long is to gather
 * the statistics of the live version.
 */
const FOLLOWING_CONNECTIONS = 7
/** For two indexes or the statistics, and who looks after them; or for the switch, and what catches up under it. */
const BUILDING_CONNECTIONS = 5

/**
 * Runs one projection's worker as a process: it follows the log into its PostgreSQL database, and answers where it
 * stands.
 */
export async function serveProjection(
  projection: Projection,
  settings: Settings<ProjectionConfig>,
  { url, buildUrl = url }: ProjectionDatabase,
): Promise<void> {
  const config = settings.values
  const logger = createLogger(`projections/${projection.service}`, config.LOG_LEVEL, process.stdout, config.LOG_FORMAT)
  settings.follow(logger)
  const tls = await openTls(config, `${projection.service}-projection`, logger)
  const tracing = await openTracing(config, `${projection.service}-projection`, logger)
  const metrics = await openMetrics(config, `${projection.service}-projection`, logger, { service: tls })
  const log = openEventLog(config, logger)
  const application = `projections/${projection.service}`
  const poolOf = (at: string, max: number, called = application) =>
    openPool(at, logger, { max, statement_timeout: STATEMENT_MS, application_name: application, called })
  const pool = poolOf(url, FOLLOWING_CONNECTIONS)
  const buildingPool = poolOf(buildUrl, BUILDING_CONNECTIONS, `${application} building`)
  const leasesUrl = config.LEASE_DATABASE_URL
  const ownersLeases =
    leasesUrl === undefined ? undefined : openLeases({ url: leasesUrl, clock: systemClock, log: logger })
  const deps = { log, pool, buildingPool, databaseUrl: url, clock: systemClock, logger, projection }
  const meter = measureProjection(metrics, { projection: projection.service, pool, log, clock: systemClock })
  const worker = startWorker({ ...deps, ownersLeases, meter })
  const verifyToken = openTokenVerifier(config, systemClock)
  const app = await buildProjectionsApp({ ...deps, worker, verifyToken, tls, metrics })
  offerConfiguration(app, settings, watchRoles(workedWith(projection, config, url), logger))
  let registration: Registration | undefined
  closeOnSignal(logger, async () => {
    const leaving = registration?.leave()
    const closing = Promise.all([closeWithin(app, ANSWERED_WITHIN_MS, systemClock), worker.close()])
    // What a database or a log that stands still was asked is broken off: the log has it all.
    await Promise.race([closing, systemClock.sleep(CLOSE_WITHIN_MS)])
    await Promise.all([log.close(), pool.end(), buildingPool.end(), ownersLeases?.close()])
    await Promise.all([closing, leaving, tracing.close()])
    await metrics?.close()
  })
  const address = await listenWithTls(app, config, tls)
  logger.info({ address, log: log.technology }, 'listening')
  registration = joinRegistry(config, `${projection.service}-projection`, address, logger)
  if (registration) app.addTrouble(registration.trouble)
}

/** The databases whose tables are not the worker's to change, by what they are called in its settings. */
function workedWith({ service }: Projection, config: ProjectionConfig, url: string) {
  const { LEASE_DATABASE_URL, LOG_DATABASE_URL } = config
  const log = config.LOG === 'postgres' ? { LOG_DATABASE_URL } : {}
  return { [`${service.toUpperCase()}_DATABASE_URL`]: url, LEASE_DATABASE_URL, ...log }
}
