import { systemClock } from '@micropay/runtime/clock'
import { ConfigError } from '@micropay/runtime/config'
import type { Logger } from '@micropay/runtime/logger'
import { openPublicTls, type PublicTls } from '@micropay/runtime/tls/public-tls'
import { z } from 'zod'

const file = z.preprocess((value) => (value === '' ? undefined : value), z.string().optional())
const certificates = ['none', 'ask', 'require'] as const

/** TLS of the gateway's own port, by which people and their programs come. */
export const ownTlsEnvironment = {
  PUBLIC_TLS_CERT_FILE: file,
  PUBLIC_TLS_KEY_FILE: file,
  PUBLIC_TLS_CLIENTS: z.enum(certificates, { error: `must be one of ${certificates.join(', ')}` }).default('none'),
  PUBLIC_TLS_CLIENT_CA_FILE: file,
}
type OwnTlsEnvironment = z.infer<z.ZodObject<typeof ownTlsEnvironment>> & { readonly PUBLIC_URL: string }

/** Undefined where the gateway speaks plain HTTP. Throws ConfigError for settings and files that do not fit. */
export async function openOwnTls(
  config: OwnTlsEnvironment,
  log: Pick<Logger, 'info' | 'warn'>,
): Promise<PublicTls | undefined> {
  const { PUBLIC_TLS_CERT_FILE: cert, PUBLIC_TLS_KEY_FILE: key, PUBLIC_TLS_CLIENT_CA_FILE: ca } = config
  const clients = config.PUBLIC_TLS_CLIENTS
  const wrong = (text: string) => new ConfigError(`the settings of gateway do not fit:\n  ${text}`)
  if (cert === undefined && key === undefined) {
    if (clients === 'none' && ca === undefined) return undefined
    throw wrong('PUBLIC_TLS_CLIENTS, PUBLIC_TLS_CLIENT_CA_FILE: only with PUBLIC_TLS_CERT_FILE')
  }
  if (cert === undefined || key === undefined)
    throw wrong('PUBLIC_TLS_CERT_FILE, PUBLIC_TLS_KEY_FILE: set both, or none')
  if (clients === 'require' && ca === undefined) {
    throw wrong('PUBLIC_TLS_CLIENT_CA_FILE: is missing: whose certificates are taken, as PUBLIC_TLS_CLIENTS is require')
  }
  if (clients === 'none' && ca !== undefined)
    throw wrong('PUBLIC_TLS_CLIENTS: must be ask or require, as PUBLIC_TLS_CLIENT_CA_FILE is set')
  if (!config.PUBLIC_URL.startsWith('https:'))
    throw wrong('PUBLIC_URL: must be an https: address, as PUBLIC_TLS_CERT_FILE is set')
  const { hostname: host } = new URL(config.PUBLIC_URL)
  return openPublicTls({ paths: { cert, key, ca }, clients, host, clock: systemClock, log })
}
