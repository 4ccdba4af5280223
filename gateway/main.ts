import { systemClock } from '@micropay/runtime/clock'
import { closeOnSignal } from '@micropay/runtime/close-on-signal'
import { createLogger } from '@micropay/runtime/logger'
import { openRegistry } from '@micropay/runtime/registry/eureka'
import { openSecurityLog } from '@micropay/runtime/security-log/security-log'
import { configurationOf } from '@micropay/runtime/settings/offer-configuration'
import { openSettings } from '@micropay/runtime/settings/open-settings'
import { stepUpOf } from '@micropay/runtime/step-up'
import { openMetrics } from '@micropay/runtime/telemetry/open-metrics'
import { openTracing } from '@micropay/runtime/telemetry/tracing'
import { listenWithTls } from '@micropay/runtime/tls/listen-with-tls'
import { openTls } from '@micropay/runtime/tls/tls-environment'
import { openTokenVerifier } from '@micropay/runtime/token-settings'
import { rememberProofs } from './authenticate/remember-proofs.ts'
import { buildApp } from './build-app.ts'
import { checkByHttps, projectionUrls } from './forward/projection-urls.ts'
import { LOOK_EVERY_MS } from './history/keep-history.ts'
import { openOwnTls } from './serve/own-tls.ts'
import { settings as schema } from './settings.ts'
import { openInProcessMemory } from './share/in-process/in-process-memory.ts'
import { openRedisMemory } from './share/redis/redis-memory.ts'
import { sharedOf } from './share/shared-memory.ts'

/** The gateway as a process. */
const settings = await openSettings('gateway', schema)
const config = settings.values
const log = createLogger('gateway', config.LOG_LEVEL, process.stdout, config.LOG_FORMAT)
settings.follow(log)
const security = await openSecurityLog({
  ...{ path: config.SECURITY_LOG_FILE || undefined, service: 'gateway', clock: systemClock, log },
})
const tls = await openTls(config, 'gateway', log)
const ownTls = await openOwnTls(config, log)
const tracing = await openTracing(config, 'gateway', log, { isEdge: true })
const metrics = await openMetrics(config, 'gateway', log, { service: tls, public: ownTls })
const upstreams = {
  'write-side': config.WRITE_SIDE_URL,
  accounts: config.ACCOUNTS_URL,
  audit: config.AUDIT_URL,
  reconciliation: config.RECONCILIATION_URL,
}
const projections = projectionUrls(config)
if (tls) checkByHttps([...Object.values(upstreams), ...projections.values()])
const memory = config.REDIS_URL
  ? openRedisMemory({ url: config.REDIS_URL, clock: systemClock, log })
  : openInProcessMemory(systemClock)
const app = await buildApp({
  log,
  security,
  clock: systemClock,
  verifyToken: openTokenVerifier(config, systemClock, {
    origin: new URL(config.PUBLIC_URL).origin,
    isNew: rememberProofs(systemClock, sharedOf(memory)),
  }),
  publicUrl: new URL(config.PUBLIC_URL),
  upstreams,
  projections,
  connectTo: tls?.connectTo,
  registry:
    config.REGISTRY_URL === undefined
      ? undefined
      : {
          registry: openRegistry(config.REGISTRY_URL, systemClock),
          everyMs: config.REGISTRY_FETCH_SECONDS * 1_000,
        },
  troubledBy: () => tls?.trouble() ?? ownTls?.trouble() ?? metrics?.trouble(),
  metrics,
  tls: ownTls,
  oidc: {
    issuer: config.OIDC_ISSUER,
    clientId: config.OIDC_CLIENT_ID,
    clientSecret: settings.live('OIDC_CLIENT_SECRET'),
    scope: config.OIDC_SCOPE,
    algorithms: config.OIDC_TOKEN_ALGORITHMS,
  },
  stepUp: stepUpOf(config),
  sessionSecret: settings.live('SESSION_SECRET'),
  sessionMs: { idle: config.SESSION_IDLE_MINUTES * 60_000, longest: config.SESSION_HOURS * 3_600_000 },
  balanceMs: config.BALANCE_CACHE_MS,
  keptMs: config.KEPT_ANSWERS_MINUTES * 60_000,
  memory,
  configuration: () => configurationOf(settings),
  historyEveryMs: LOOK_EVERY_MS,
  alertmanagerUrl: config.ALERTMANAGER_URL || undefined,
  limits: {
    rateLimitPerSecond: settings.live('RATE_LIMIT_PER_SECOND'),
    addressLimitPerSecond: settings.live('ADDRESS_LIMIT_PER_SECOND'),
  },
  ...(config.TRUSTED_PROXIES === undefined ? {} : { trustedProxies: config.TRUSTED_PROXIES }),
  ...(config.CLIENT_CERT_PROXIES === undefined ? {} : { clientCertProxies: config.CLIENT_CERT_PROXIES }),
  ...(config.UI_DIRECTORY === undefined ? {} : { uiDirectory: config.UI_DIRECTORY }),
})
const address = await listenWithTls(app, config, ownTls)
log.info({ address, publicUrl: config.PUBLIC_URL, issuer: config.OIDC_ISSUER }, 'the gateway is open')
closeOnSignal(log, async () => {
  await app.close()
  await Promise.all([tracing.close(), metrics?.close()])
})
