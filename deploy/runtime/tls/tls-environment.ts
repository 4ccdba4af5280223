import { z } from 'zod'
import { systemClock } from '../clock.ts'
import { ConfigError, tcpPort } from '../config.ts'
import type { Logger } from '../logger.ts'
import { callers, type TlsService } from './callers.ts'
import { openServiceTls, type ServiceTls } from './service-tls.ts'

const file = z.preprocess((value) => (value === '' ? undefined : value), z.string().optional())

/** The certificate of a service, to be spread into the schema of its environment: all three files, or none. */
export const tlsEnvironment = { TLS_CERT_FILE: file, TLS_KEY_FILE: file, TLS_CA_FILE: file }

/** Where a service that speaks TLS answers probes, which have no certificate: /health/live and /health/ready alone. */
export const healthEnvironment = {
  HEALTH_PORT: z.preprocess((value) => (value === '' ? undefined : value), tcpPort.optional()),
}

export type TlsEnvironment = z.infer<z.ZodObject<typeof tlsEnvironment>>

/** Undefined where there is none, and the service speaks plain HTTP. Throws ConfigError for files that do not fit. */
export async function openTls(
  config: TlsEnvironment,
  service: string,
  log: Pick<Logger, 'info' | 'warn'>,
): Promise<ServiceTls | undefined> {
  const { TLS_CERT_FILE: cert, TLS_KEY_FILE: key, TLS_CA_FILE: ca } = config
  if (cert === undefined && key === undefined && ca === undefined) return undefined
  if (cert === undefined || key === undefined || ca === undefined) {
    throw new ConfigError(
      'the environment does not fit:\n  TLS_CERT_FILE, TLS_KEY_FILE, TLS_CA_FILE: set all three, or none',
    )
  }
  if (!isKnown(service))
    throw new ConfigError(`${service} is not in the list of who may call whom (deploy/runtime/tls/callers.ts)`)
  return openServiceTls({ service, paths: { cert, key, ca }, clock: systemClock, log })
}

function isKnown(service: string): service is TlsService {
  return Object.hasOwn(callers, service)
}
