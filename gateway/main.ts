import { systemClock } from '@micropay/runtime/clock'
import { closeOnSignal } from '@micropay/runtime/close-on-signal'
import { port, readConfig } from '@micropay/runtime/config'
import { listen } from '@micropay/runtime/listen'
import { createLogger } from '@micropay/runtime/logger'
import { openSecurityLog } from '@micropay/runtime/security-log/security-log'
import { openTokenVerifier, tokenEnvironment } from '@micropay/runtime/token-settings'
import { scopes } from '@micropay/schemas/api/token'
import { z } from 'zod'
import { rememberProofs } from './authenticate/remember-proofs.ts'
import { buildApp } from './build-app.ts'
import { ProjectionUrls, projectionUrls, ServiceUrls } from './forward/projection-urls.ts'
import { TrustedProxies } from './limit/trusted-proxies.ts'
import { openInProcessMemory } from './share/in-process/in-process-memory.ts'
import { openRedisMemory } from './share/redis/redis-memory.ts'

/** The gateway as a process. */
const config = readConfig(
  z.object({
    PORT: port(8080),
    HOST: z.string().default('127.0.0.1'),
    PUBLIC_URL: z.url({
      protocol: /^https?$/,
      error: 'must be the address that browsers use, like https://pay.example',
    }),
    ...tokenEnvironment,
    OIDC_CLIENT_ID: z.string().default('gateway'),
    OIDC_CLIENT_SECRET: z.string().min(1),
    OIDC_SCOPE: z.string().default(['openid', 'profile', ...Object.keys(scopes)].join(' ')),
    WRITE_SIDE_URL: ServiceUrls,
    ACCOUNTS_URL: ServiceUrls,
    AUDIT_URL: ServiceUrls,
    RECONCILIATION_URL: ServiceUrls,
    PROJECTIONS_URL: z.url().optional(),
    PROJECTIONS_URLS: ProjectionUrls.optional(),
    UI_DIRECTORY: z.string().optional(),
    SESSION_SECRET: z.string().min(32, 'must be at least 32 characters, the same for every gateway of the site'),
    SESSION_IDLE_MINUTES: z.coerce.number().min(1).max(1440).default(30),
    SESSION_HOURS: z.coerce.number().min(0.1).max(168).default(12),
    REDIS_URL: z
      .union([z.literal(''), z.url({ protocol: /^rediss?$/ })], {
        error: 'must be like redis://user:password@host:6379, or rediss:// for TLS',
      })
      .optional(),
    RATE_LIMIT_PER_SECOND: z.coerce.number().int().min(0).default(2000),
    ADDRESS_LIMIT_PER_SECOND: z.coerce.number().int().min(0).default(500),
    TRUSTED_PROXIES: TrustedProxies.optional(),
    SECURITY_LOG_FILE: z.string().min(1).optional(),
    LOG_LEVEL: z.string().default('info'),
  }),
)
const log = createLogger('gateway', config.LOG_LEVEL)
const security = await openSecurityLog({
  ...{ path: config.SECURITY_LOG_FILE, service: 'gateway', clock: systemClock, log },
})
const app = await buildApp({
  log,
  security,
  clock: systemClock,
  verifyToken: openTokenVerifier(config, systemClock, {
    origin: new URL(config.PUBLIC_URL).origin,
    isNew: rememberProofs(systemClock),
  }),
  publicUrl: new URL(config.PUBLIC_URL),
  upstreams: {
    'write-side': config.WRITE_SIDE_URL,
    accounts: config.ACCOUNTS_URL,
    audit: config.AUDIT_URL,
    reconciliation: config.RECONCILIATION_URL,
  },
  projections: projectionUrls(config),
  oidc: {
    issuer: config.OIDC_ISSUER,
    clientId: config.OIDC_CLIENT_ID,
    clientSecret: config.OIDC_CLIENT_SECRET,
    scope: config.OIDC_SCOPE,
  },
  sessionSecret: config.SESSION_SECRET,
  sessionMs: { idle: config.SESSION_IDLE_MINUTES * 60_000, longest: config.SESSION_HOURS * 3_600_000 },
  memory: config.REDIS_URL
    ? openRedisMemory({ url: config.REDIS_URL, clock: systemClock, log })
    : openInProcessMemory(systemClock),
  limits: {
    rateLimitPerSecond: config.RATE_LIMIT_PER_SECOND,
    addressLimitPerSecond: config.ADDRESS_LIMIT_PER_SECOND,
  },
  ...(config.TRUSTED_PROXIES === undefined ? {} : { trustedProxies: config.TRUSTED_PROXIES }),
  ...(config.UI_DIRECTORY === undefined ? {} : { uiDirectory: config.UI_DIRECTORY }),
})
await listen(app, config)
log.info({ publicUrl: config.PUBLIC_URL, issuer: config.OIDC_ISSUER }, 'the gateway is open')
closeOnSignal(log, () => app.close())
