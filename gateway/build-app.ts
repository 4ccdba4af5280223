import cookie from '@fastify/cookie'
import { answerClientError } from '@micropay/runtime/client-error'
import type { Clock } from '@micropay/runtime/clock'
import { untilAlone } from '@micropay/runtime/drain'
import { notOffered, refuseWhileClosing, refuseWrongHosts, sendError } from '@micropay/runtime/http'
import type { Logger } from '@micropay/runtime/logger'
import { ProblemError } from '@micropay/runtime/problem-error'
import { noteRefusals } from '@micropay/runtime/security-log/note-refusals'
import type { SecurityLog } from '@micropay/runtime/security-log/security-log'
import { forTheCaller } from '@micropay/runtime/send-problem'
import type { Secret } from '@micropay/runtime/settings/key-ring'
import { type StepUp, usualStepUp } from '@micropay/runtime/step-up'
import { measureRequests } from '@micropay/runtime/telemetry/request-metrics'
import type { Metrics } from '@micropay/runtime/telemetry/told'
import { traceOf, traceRequests } from '@micropay/runtime/telemetry/trace-requests'
import type { PublicTls } from '@micropay/runtime/tls/public-tls'
import { tlsServer } from '@micropay/runtime/tls/tls-server'
import { TOKEN_ALGORITHMS, TokenError, type VerifyToken } from '@micropay/runtime/verify-token'
import type { ServiceConfiguration } from '@micropay/schemas/api/configuration'
import Fastify, {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyRequest,
  LogController,
} from 'fastify'
import { createAuthenticator } from './authenticate/authenticate.ts'
import { addBackchannelLogout } from './authenticate/backchannel-logout.ts'
import { takeClientCertificates } from './authenticate/client-certificate.ts'
import { createEndedSessions, type EndedSessions } from './authenticate/ended-sessions.ts'
import { createIdTokenHint } from './authenticate/id-token-hint.ts'
import { createIdentityProvider } from './authenticate/identity-provider.ts'
import { createIdle } from './authenticate/idle.ts'
import { createLogoutTokenReader } from './authenticate/logout-token.ts'
import { createCookieJar } from './authenticate/session-cookie.ts'
import { addSessionRoutes } from './authenticate/session-routes.ts'
import { createSessions } from './authenticate/sessions.ts'
import { addSignOutRoutes, SIGNED_OUT_PATH } from './authenticate/sign-out-routes.ts'
import { configurationOfAll } from './describe/configuration.ts'
import { measureGateway } from './describe/gateway-metrics.ts'
import { addHealthRoutes } from './describe/health-routes.ts'
import { addOpenApiRoute } from './describe/openapi-routes.ts'
import { trafficOf } from './describe/traffic.ts'
import type { AskedRegistry } from './discover/registry/by-registry.ts'
import { createForwarder, type Forwarder } from './forward/forward.ts'
import { type ConnectTo, closeUpstreams, openProjections, openUpstreams, type Upstream } from './forward/upstreams.ts'
import { offerHistory } from './history/offer-history.ts'
import { createKeepAnswers } from './keep/keep-answers.ts'
import { createLimits, type LimitSettings, type Limits } from './limit/limits.ts'
import { addApiRoutes } from './offer/api-routes.ts'
import type { UpstreamName } from './routes.ts'
import { addUi, isPageOfUi } from './serve/ui.ts'
import { type SharedMemory, sharedOf, troubleOf } from './share/shared-memory.ts'

export type GatewayOptions = {
  readonly log: Logger
  readonly clock: Clock
  readonly verifyToken: VerifyToken
  /** Where browsers reach the gateway. */
  readonly publicUrl: URL
  readonly upstreams: Readonly<Record<UpstreamName, string>>
  /** The address of each projection service, by its name. */
  readonly projections: ReadonlyMap<string, string>
  /** How they are reached, where that is by mutual TLS. */
  readonly connectTo?: ConnectTo | undefined
  /** Where instances are found whose address says so. */
  readonly registry?: AskedRegistry | undefined
  /** Its own port's; without it that speaks plain HTTP. */
  readonly tls?: Pick<PublicTls, 'server'> | undefined
  /** What is wrong although the gateway serves: /health/ready says it. */
  readonly troubledBy?: (() => string | undefined) | undefined
  readonly oidc: {
    readonly issuer: string
    readonly clientId: string
    readonly clientSecret: Secret
    readonly scope: string
    /** By which the issuer may sign; by default TOKEN_ALGORITHMS. */
    readonly algorithms?: readonly string[]
  }
  /** Sign-ins and refusals; closed with the app. */
  readonly security: SecurityLog
  /** By which authentication a payment is confirmed. */
  readonly stepUp?: StepUp
  /** At least 32 characters; all gateways of one site share it. */
  readonly sessionSecret: Secret
  /** How long a session goes on that nobody uses, and how long one does that is used. */
  readonly sessionMs: { readonly idle: number; readonly longest: number }
  /** So long answers are kept for when their service is away; 0 keeps none. */
  readonly keptMs: number
  /** So old a balance may be that is told without asking for it; 0 asks always. */
  readonly balanceMs: number
  /** What all gateways of the site know; closed with the gateway. */
  readonly memory: SharedMemory
  readonly limits: LimitSettings
  /** Addresses and networks of proxies whose X-Forwarded-For says where a request comes from. */
  readonly trustedProxies?: readonly string[]
  /** Those that end TLS, and whose Client-Cert says by which certificate a caller came. */
  readonly clientCertProxies?: readonly string[]
  readonly uiDirectory?: string
  readonly metrics?: Metrics | undefined
  /** The settings that are in force here. */
  readonly configuration: () => ServiceConfiguration
  /** How often the flow is looked at for GET /v1/history; never, if not given. */
  readonly historyEveryMs?: number
  /** Whose alerts are shown there. */
  readonly alertmanagerUrl?: string | undefined
}

/**
 * The one entry: authenticates, checks scopes, limits, and forwards the API to its services; serves the UI, the session
 * and /openapi.json.
 */
export async function buildApp(options: GatewayOptions): Promise<FastifyInstance> {
  const { clock, publicUrl, security, metrics } = options
  const app = Fastify({
    loggerInstance: options.log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'traceId' }),
    exposeHeadRoutes: false,
    requestTimeout: 60_000,
    http: { requireHostHeader: false },
    genReqId: (request) => traceOf(request, clock.randomId),
    ...(options.tls ? { serverFactory: tlsServer(options.tls) } : {}),
    ...(options.trustedProxies ? { trustProxy: [...options.trustedProxies] } : {}),
    routerOptions: { maxParamLength: 256 },
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    frameworkErrors: sendError,
    clientErrorHandler: answerClientError,
  })
  measureRequests(app, metrics)
  await app.register(cookie)
  app.decorateRequest('bearer', '')
  app.decorateRequest('problem', undefined)
  app.decorateRequest('sessionMarks', undefined)
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))

  addStandingHeaders(app, publicUrl)
  refuseWrongHosts(app)
  takeClientCertificates(app, options.clientCertProxies)
  traceRequests(app)
  addAccessLog(app)
  noteRefusals(app, security)
  app.addHook('onClose', () => security.close())
  addErrors(app, options.uiDirectory !== undefined)

  const { upstreams, projections, services } = openServices(options)
  await Promise.all(services.map(({ discovery }) => discovery.looked))
  const limits = createLimits(options.limits, options.memory, clock)
  app.addHook('onClose', () => options.memory.close())
  const ended = createEndedSessions(options)
  const kept = createKeepAnswers({ ...options, onEnd: ended.onEnd })
  app.addHook('onClose', () => kept.close())
  const { byCaller } = limits
  const forwarder = createForwarder({ upstreams, projections, publicUrl, clock, byCaller, kept, metrics })
  measureGateway(metrics, { ...limits, services, forwarder, memory: options.memory })
  const isEnding = endInTime(app, forwarder, clock)
  refuseWhileClosing(app)
  app.addHook('onClose', () => closeUpstreams(services))

  const authenticator = await addSessions(app, options, { ended, byAddress: limits.byAddress })
  addApiRoutes(app, { authenticator, forwarder, limits, own: ownAnswers(app, options, services) })
  addOpenApiRoute(app, services, publicUrl, clock, limits.byAddress)
  const troubles = [() => troubleOf(options.memory), security.trouble, () => options.troubledBy?.()]
  const entries = Object.values(upstreams)
  addHealthRoutes(app, { entries, services, isEnding, troubles, byAddress: limits.byAddress, metrics })
  if (options.uiDirectory !== undefined) await addUi(app, options.uiDirectory)
  return app
}

type SessionRules = { readonly ended: EndedSessions; readonly byAddress: Limits['byAddress'] }

/** How people sign in and out; answers what knows them by their cookie. */
async function addSessions(app: FastifyInstance, options: GatewayOptions, { ended, byAddress }: SessionRules) {
  const { log, clock, publicUrl, verifyToken, security, memory, sessionMs, oidc, sessionSecret: secret } = options
  const cookies = createCookieJar(publicUrl)
  const redirectUri = new URL('/session/callback', publicUrl).href
  const signedOutUri = new URL(SIGNED_OUT_PATH, publicUrl).href
  const provider = createIdentityProvider({ ...oidc, redirectUri, signedOutUri })
  const sessions = createSessions({ secret, provider, verifyToken, ended, longestMs: sessionMs.longest, clock, log })
  const idle = createIdle({ secret, idleMs: sessionMs.idle, cookies, clock })
  const authenticator = createAuthenticator({ verifyToken, sessions, ended, idle, cookies, publicUrl })
  const hint = createIdTokenHint({ secret, publicUrl, clock })
  const read = createLogoutTokenReader({ algorithms: TOKEN_ALGORITHMS, ...oidc, clock, shared: sharedOf(memory) })
  await app.register(async (own) => {
    own.addHook('onRequest', async (request, reply) => {
      reply.headers(forTheCaller)
      await byAddress.open(request)
    })
    const browser = { secret, provider, sessions, authenticator, cookies, hint, clock, security }
    addSessionRoutes(own, { ...browser, verifyToken, publicUrl, stepUp: options.stepUp ?? usualStepUp })
    addSignOutRoutes(own, browser)
    addBackchannelLogout(own, { read, ended, longestMs: sessionMs.longest, clock, security })
  })
  return authenticator
}

function openServices({ clock, log, connectTo, registry, security, ...options }: GatewayOptions) {
  const changed = (reason: string) => security.note({ event: 'breaker', reason })
  const platform = { clock, log, connectTo, registry, changed }
  const upstreams = openUpstreams(options.upstreams, platform)
  const projections = openProjections(options.projections, platform)
  return { upstreams, projections, services: [...Object.values(upstreams), ...projections.values()] }
}

/** What the gateway answers itself, by path. */
function ownAnswers(app: FastifyInstance, options: GatewayOptions, services: readonly Upstream[]) {
  const { configuration, memory } = options
  return {
    '/v1/traffic': () => trafficOf(services, memory),
    '/v1/configuration': (request: FastifyRequest) => configurationOfAll(configuration(), services, request),
    '/v1/history': offerHistory(app, services, options),
  }
}

/**
 * So long a gateway that ends is asked as ever, on open connections and new ones: it says of itself that it is not
 * ready, and each answer ends its connection, so whoever spreads requests over several leaves it without a refusal.
 */
const DRAIN_MS = 1_000

/** What is under way has so long to end by itself: whoever stops a gateway waits 5 s, however long a service takes. */
const ANSWER_WITHIN_MS = 4_000
/** And what is told of the rest so long to be sent. */
const TELL_WITHIN_MS = 400

/** Answers whether it is ending. */
function endInTime(app: FastifyInstance, forwarder: Forwarder, clock: Clock): () => boolean {
  const closed = new AbortController()
  let isEnding = false
  app.addHook('preClose', async () => {
    isEnding = true
    void breakOffLater()
    await untilAlone(app.server, clock, DRAIN_MS)
    forwarder.endStreams()
  })
  // Nobody waits then for what a service still owes.
  app.addHook('onClose', async () => {
    closed.abort()
    forwarder.breakOff()
  })
  async function breakOffLater(): Promise<void> {
    if (!(await clock.sleep(ANSWER_WITHIN_MS, closed.signal))) return
    forwarder.breakOff()
    if (await clock.sleep(TELL_WITHIN_MS, closed.signal)) app.server.closeAllConnections()
  }
  return () => isEnding
}

/** What every answer carries. */
function addStandingHeaders(app: FastifyInstance, publicUrl: URL): void {
  const strict =
    publicUrl.protocol === 'https:' ? { 'strict-transport-security': 'max-age=63072000; includeSubDomains' } : {}
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers({ traceparent: request.headers.traceparent, 'x-content-type-options': 'nosniff', ...strict })
    done()
  })
}

function addErrors(app: FastifyInstance, hasUi: boolean): void {
  const isPage = (request: FastifyRequest) => hasUi && isPageOfUi(request)
  app.setErrorHandler((error: FastifyError, request, reply) => {
    if (error instanceof ProblemError || error instanceof TokenError) request.problem = error.code
    return sendError(error, request, reply)
  })
  app.setNotFoundHandler((request, reply) => {
    if (isPage(request)) return reply.sendFile('index.html')
    throw notOffered(request)
  })
  // The handler would come after the body, whoever sends it.
  app.addHook('onRequest', async (request) => {
    if (request.is404 && !isPage(request)) throw notOffered(request)
  })
}

/**
 * Failed requests at info, all others at debug; the path as the route has it, so that no id and no token is written.
 */
function addAccessLog(app: FastifyInstance): void {
  app.addHook('onResponse', (request, reply, done) => {
    // It may change while the gateway runs.
    const { level } = app.log
    const all = level === 'debug' || level === 'trace'
    const failed = reply.statusCode >= 400
    if (all || failed) {
      app.log[failed ? 'info' : 'debug'](
        {
          method: request.method,
          route: request.routeOptions.url,
          status: reply.statusCode,
          problem: request.problem,
          durationMs: Math.round(reply.elapsedTime),
          traceId: request.id,
        },
        'answered',
      )
    }
    done()
  })
}
