import { port } from '@micropay/runtime/config'
import { registrySeconds, registryUrl } from '@micropay/runtime/registry/registry-environment'
import { keyRing } from '@micropay/runtime/settings/key-ring'
import { logFormat, logLevel } from '@micropay/runtime/settings/own-settings'
import { stepUpEnvironment } from '@micropay/runtime/step-up'
import { metricsEnvironment } from '@micropay/runtime/telemetry/open-metrics'
import { tracingEnvironment } from '@micropay/runtime/telemetry/tracing-environment'
import { healthEnvironment, tlsEnvironment } from '@micropay/runtime/tls/tls-environment'
import { tokenEnvironment } from '@micropay/runtime/token-settings'
import { scopes } from '@micropay/schemas/api/token'
import { z } from 'zod'
import { ServiceUrls } from './discover/service-address.ts'
import { ProjectionUrls } from './forward/projection-urls.ts'
import { TrustedProxies } from './limit/trusted-proxies.ts'
import { ownTlsEnvironment } from './serve/own-tls.ts'

const wrongIdle = { error: 'must be a number of minutes from 1 to 1440' }
const wrongLength = { error: 'must be a number of hours from 0.1 to 168' }
const wrongKept = { error: 'must be a whole number of minutes from 0 to 60, 0 to keep no answers' }
const wrongCache = { error: 'must be a whole number of milliseconds from 0 to 5000, 0 to ask for each balance' }
const wrongRate = { error: 'must be a whole number of requests a second, 0 for no limit' }

/** What the gateway reads from where its settings are. */
export const settings = z.object({
  PORT: port(8080),
  HOST: z.string().default('127.0.0.1'),
  PUBLIC_URL: z.url({
    protocol: /^https?$/,
    error: 'must be the address that browsers use, like https://pay.example',
  }),
  ...tokenEnvironment,
  ...stepUpEnvironment,
  OIDC_CLIENT_ID: z.string().default('gateway'),
  OIDC_CLIENT_SECRET: keyRing({
    atLeast: 1,
    error: 'must be the secret of OIDC_CLIENT_ID at the issuer; of several, one a line',
  }),
  OIDC_SCOPE: z.string().default(['openid', 'profile', ...Object.keys(scopes)].join(' ')),
  WRITE_SIDE_URL: ServiceUrls,
  ACCOUNTS_URL: ServiceUrls,
  AUDIT_URL: ServiceUrls,
  RECONCILIATION_URL: ServiceUrls,
  PROJECTIONS_URL: z.url({ error: 'must be the address of the accounts projection' }).optional(),
  PROJECTIONS_URLS: ProjectionUrls.optional(),
  UI_DIRECTORY: z.string().optional(),
  SESSION_SECRET: keyRing({
    atLeast: 32,
    error: 'must be at least 32 characters, the same for every gateway of the site; of several, one a line',
  }),
  SESSION_IDLE_MINUTES: z.coerce.number(wrongIdle).min(1, wrongIdle).max(1440, wrongIdle).default(30),
  SESSION_HOURS: z.coerce.number(wrongLength).min(0.1, wrongLength).max(168, wrongLength).default(12),
  REDIS_URL: z
    .string()
    .regex(/^(rediss?:\/\/[^\s]+)?$/, { error: 'must be like redis://user:password@host:6379, or rediss:// for TLS' })
    .optional(),
  RATE_LIMIT_PER_SECOND: z.coerce.number(wrongRate).int(wrongRate).min(0, wrongRate).default(2000),
  ADDRESS_LIMIT_PER_SECOND: z.coerce.number(wrongRate).int(wrongRate).min(0, wrongRate).default(500),
  KEPT_ANSWERS_MINUTES: z.coerce.number(wrongKept).int(wrongKept).min(0, wrongKept).max(60, wrongKept).default(15),
  BALANCE_CACHE_MS: z.coerce.number(wrongCache).int(wrongCache).min(0, wrongCache).max(5000, wrongCache).default(0),
  TRUSTED_PROXIES: TrustedProxies.optional(),
  CLIENT_CERT_PROXIES: TrustedProxies.optional(),
  REGISTRY_URL: registryUrl,
  REGISTRY_FETCH_SECONDS: registrySeconds(5),
  SECURITY_LOG_FILE: z.string().optional(),
  ALERTMANAGER_URL: z
    .string()
    .regex(/^(https?:\/\/[^\s]+)?$/, { error: 'must be the address of an Alertmanager, like http://alertmanager:9093' })
    .optional(),
  LOG_LEVEL: logLevel,
  LOG_FORMAT: logFormat,
  ...tlsEnvironment,
  ...healthEnvironment,
  ...metricsEnvironment,
  ...ownTlsEnvironment,
  ...tracingEnvironment,
})
