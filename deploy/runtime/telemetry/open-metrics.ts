import { z } from 'zod'
import { systemClock } from '../clock.ts'
import { ConfigError, tcpPort } from '../config.ts'
import type { Logger } from '../logger.ts'
import { type Certificates, readCertificates } from './certificate-metrics.ts'
import { type MeasuredService, measuredServices } from './metric.ts'
import type { Metrics } from './told.ts'

/** Where a service tells its metrics; without it nothing is measured. */
export const metricsEnvironment = {
  METRICS_PORT: z.preprocess((value) => (value === '' ? undefined : value), tcpPort.optional()),
}

type MetricsConfig = {
  readonly METRICS_PORT?: number | undefined
  readonly PORT: number
  readonly HOST: string
  readonly HEALTH_PORT?: number | undefined
}

/**
 * Opens the port for metrics, in plain HTTP on `HOST`, for whoever is inside; undefined without `METRICS_PORT`, and
 * then not even the code of it is read.
 */
export async function openMetrics(
  config: MetricsConfig,
  service: string,
  log: Logger,
  certificates: Certificates,
): Promise<Metrics | undefined> {
  const { METRICS_PORT: port, HOST: host } = config
  if (port === undefined) return undefined
  if (port !== 0 && (port === config.PORT || port === config.HEALTH_PORT)) {
    throw new ConfigError(`the settings of ${service} do not fit:\n  METRICS_PORT: ${port} is another port of it, too`)
  }
  if (!isMeasured(service)) throw new ConfigError(`${service} has no metrics (deploy/runtime/telemetry/metric.ts)`)
  const { measure } = await import('./measure.ts')
  const metrics = await measure({ service, port, host, clock: systemClock, log })
  readCertificates(metrics, certificates)
  return metrics
}

function isMeasured(service: string): service is MeasuredService {
  return Object.hasOwn(measuredServices, service)
}
