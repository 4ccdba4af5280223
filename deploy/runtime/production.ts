import { z } from 'zod'
import { ConfigError } from './config.ts'

/** To be spread into the schema of a service's environment. */
export const modeEnvironment = {
  MICROPAY_MODE: z
    .enum(['development', 'production'], { error: 'must be development or production' })
    .default('development'),
}

/**
 * In production a service does not start with a setting by which it would listen, or speak, in plain text: throws
 * ConfigError that names each, and what it should be. `config` is the whole of what the service read.
 */
export function refusePlain(config: { readonly MICROPAY_MODE: string }): void {
  if (config.MICROPAY_MODE !== 'production') return
  const settings = new Map<string, unknown>(Object.entries(config))
  const wrong = [...ofOwnPort(settings), ...ofKafka(settings), ...[...settings].flatMap(ofAddress)]
  if (wrong.length === 0) return
  const lines = wrong.map((line) => `  ${line}`).join('\n')
  throw new ConfigError(`MICROPAY_MODE=production takes nothing in plain text:\n${lines}`)
}

const loopback = new Set(['127.0.0.1', '::1', 'localhost'])

function ofOwnPort(settings: ReadonlyMap<string, unknown>): string[] {
  const isGateway = settings.has('SESSION_SECRET')
  const certificate = settings.has('TLS_CERT_FILE') && settings.get('TLS_CERT_FILE') !== undefined
  return [
    ...(certificate ? [] : ['TLS_CERT_FILE, TLS_KEY_FILE, TLS_CA_FILE: the certificate of this service']),
    ...(isGateway && !loopback.has(String(settings.get('HOST')))
      ? ['HOST: the gateway speaks HTTP: 127.0.0.1, with a proxy that speaks TLS on the same host or in the same pod']
      : []),
  ]
}

function ofKafka(settings: ReadonlyMap<string, unknown>): string[] {
  if (settings.get('LOG') !== 'kafka') return []
  const security = settings.get('KAFKA_SECURITY')
  const isKnown = security === 'sasl_ssl' || (security === 'ssl' && settings.get('KAFKA_CERT_FILE') !== undefined)
  return isKnown ? [] : ['KAFKA_SECURITY: sasl_ssl, or ssl with KAFKA_CERT_FILE']
}

function ofAddress([name, value]: readonly [string, unknown]): string[] {
  const text = value instanceof Map ? [...value.values()].join() : String(value ?? '')
  if (text === '') return []
  if (name.endsWith('_DATABASE_URL')) {
    return URL.parse(text)?.searchParams.get('sslmode') === 'verify-full' ? [] : [`${name}: with sslmode=verify-full`]
  }
  if (name === 'EVENTSTORE_URL') return /[?&]tls=false\b/i.test(text) ? [`${name}: without tls=false`] : []
  if (!/(_URLS?|_ISSUER)$/.test(name)) return []
  return /(^|,)\s*http:/i.test(text) ? [`${name}: by https:`] : []
}
