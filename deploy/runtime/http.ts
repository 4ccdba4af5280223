import swagger from '@fastify/swagger'
import { type ProblemCode, problemOf, problemOfErrors } from '@micropay/schemas/api/problem'
import type { Caller, Scope } from '@micropay/schemas/api/token'
import Fastify, { type FastifyError, type FastifyReply, type FastifyRequest, LogController } from 'fastify'
import {
  hasZodFastifySchemaValidationErrors,
  jsonSchemaTransform,
  jsonSchemaTransformObject,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod'
import { authorizationOf, challengeOf, presentedOf, scopeChallenge } from './authorization.ts'
import { answerClientError } from './client-error.ts'
import { systemClock } from './clock.ts'
import { IssuerUnavailableError } from './issuer-keys.ts'
import { notJson, takeJson } from './json-body.ts'
import type { Logger } from './logger.ts'
import { ProblemError } from './problem-error.ts'
import { noteRefusals } from './security-log/note-refusals.ts'
import { openSecurityLog } from './security-log/security-log.ts'
import { forTheCaller, sendProblem } from './send-problem.ts'
import { measureRequests, readStanding } from './telemetry/request-metrics.ts'
import type { Metrics } from './telemetry/told.ts'
import { traceOf, traceRequests } from './telemetry/trace-requests.ts'
import { timesSent } from './times-sent.ts'
import type { ServiceTls } from './tls/service-tls.ts'
import { admitCallers, tlsServer } from './tls/tls-server.ts'
import { TokenError, type VerifyToken } from './verify-token.ts'

export type Http = Awaited<ReturnType<typeof buildHttp>>

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller
    /** A JSON body as it was sent, where it is small enough to be sent on. */
    sentBody: Uint8Array | undefined
  }
  interface FastifyContextConfig {
    /** The member of a body that holds its items, and how many it may hold: a body that is large is read by them. */
    items?: { readonly name: string; readonly most: number }
  }
  interface FastifyInstance {
    /** An onRequest hook: the caller's token must hold one of these scopes. */
    allow(...scopes: Scope[]): Allowing
    /** Of a part that came after it was built: undefined while nothing is wrong, as with `troubledBy`. */
    addTrouble(trouble: () => string | undefined): void
    /** Before it closes: it answers as ever, but is not ready, and each answer ends its connection. */
    beginDraining(): void
  }
}

/** An onRequest hook that says what it asks for, so that the scopes of a service's routes can be read from them. */
export type Allowing = {
  (request: FastifyRequest, reply: FastifyReply): Promise<void>
  readonly scopes: readonly Scope[]
}

export type HttpOptions = {
  readonly log: Logger
  readonly title: string
  readonly verifyToken: VerifyToken
  /** Undefined when ready, otherwise what it waits for. */
  readonly notReadyBecause?: () => string | undefined
  /** What is wrong although it is worth asking: /health/ready says it and stays 200. */
  readonly troubledBy?: () => string | undefined
  readonly bodyLimitBytes?: number
  /** Without it the service speaks plain HTTP with anybody. */
  readonly tls?: ServiceTls | undefined
  readonly metrics?: Metrics | undefined
  /** What answers an error that is none to tell; undefined for any other one. */
  readonly answerError?: (error: unknown, request: FastifyRequest, reply: FastifyReply) => Promise<unknown> | undefined
}

/**
 * A Fastify app as every service of ours has it: zod schemas in and out, errors as RFC 9457 problems, /health/live,
 * /health/ready, and /openapi.json made from the routes' schemas. Routes that need a caller take
 * `onRequest: app.allow('scope')`, so that nothing is read of a body, let alone parsed, whose sender may not send it.
 */
export async function buildHttp(options: HttpOptions) {
  const app = Fastify({
    loggerInstance: options.log,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'traceId' }),
    http: { requireHostHeader: false },
    genReqId: (request) => traceOf(request, systemClock.randomId),
    // Fastify's own HEAD makes the whole answer of the GET to throw it away, however long, and at no reader's pace.
    exposeHeadRoutes: false,
    bodyLimit: options.bodyLimitBytes ?? 64 * 1024,
    routerOptions: { maxParamLength: 256 },
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    frameworkErrors: sendError,
    clientErrorHandler: answerClientError,
    ...(options.tls ? { serverFactory: tlsServer(options.tls) } : {}),
  }).withTypeProvider<ZodTypeProvider>()
  measureRequests(app, options.metrics)
  app.removeAllContentTypeParsers()
  takeJson(app)
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  await app.register(swagger, {
    openapi: { openapi: '3.1.0', info: { title: options.title, version: '1.0.0' } },
    transform: jsonSchemaTransform,
    transformObject: jsonSchemaTransformObject,
  })
  app.decorateRequest('sentBody', undefined)
  traceRequests(app)
  app.setErrorHandler(
    (error: FastifyError, request, reply) =>
      options.answerError?.(error, request, reply) ?? sendError(error, request, reply),
  )
  refuseWrongHosts(app)
  if (options.tls) admitCallers(app, options.tls, (detail) => new ProblemError('forbidden', detail))
  refuseWhileClosing(app)
  const draining = createDraining(app)
  app.decorate('beginDraining', draining.begin)
  const troubles = [options.troubledBy, options.tls?.trouble, options.metrics?.trouble].map((tell) => tell ?? none)
  app.decorate('addTrouble', (trouble) => void troubles.push(trouble))
  // The gateway has its own of what it forwards: these are those who ask past it, too.
  const security = await openSecurityLog({
    path: undefined,
    service: options.title,
    clock: systemClock,
    log: options.log,
  })
  noteRefusals(app, security)
  app.addHook('onClose', () => security.close())
  // No handler for it, which would come after the body, whoever sends it.
  app.addHook('onRequest', async (request) => {
    if (request.is404) throw notOffered(request)
  })
  app.get('/health/live', { schema: { hide: true } }, async () => ({ status: 'live' }))
  const standing = () => ({
    reason: draining.isUnderWay() ? 'this service is shutting down' : options.notReadyBecause?.(),
    trouble: troubles.map((tell) => tell()).find((text) => text !== undefined),
  })
  readStanding(options.metrics, standing)
  app.get('/health/ready', { schema: { hide: true } }, async (_request, reply) => {
    const { reason, trouble } = standing()
    if (reason === undefined && trouble !== undefined) return { status: 'ready', trouble }
    return reason === undefined ? { status: 'ready' } : reply.code(503).send({ status: 'not ready', reason })
  })
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger())
  app.decorate('allow', (...scopes: Scope[]) => allowing(options.verifyToken, scopes))
  return app
}

type ClosingApp = {
  addHook(name: 'preClose' | 'onRequest', hook: () => Promise<void>): unknown
  addHook(name: 'onSend' | 'onResponse', hook: (request: FastifyRequest, reply: FastifyReply) => Promise<void>): unknown
}

/**
 * Whoever still asks on an open connection while the app closes gets a problem that says so, and nothing of it is
 * begun. The app is built with `return503OnClosing: false`, since Fastify's own answer would be no problem. What was
 * asked before is answered, and that ends its connection: one that is kept would be waited for, a minute and more.
 */
export function refuseWhileClosing(app: ClosingApp): void {
  let isClosing = false
  app.addHook('preClose', async () => {
    isClosing = true
  })
  app.addHook('onRequest', async () => {
    if (!isClosing) return
    const headers = { 'retry-after': '1', connection: 'close' }
    throw new ProblemError('overloaded', 'this service is shutting down: send it again', { headers })
  })
  app.addHook('onSend', async (_request, reply) => {
    if (isClosing) reply.header('connection', 'close')
  })
  // Its headers may have been sent before.
  app.addHook('onResponse', async ({ raw }) => {
    if (isClosing) raw.socket.destroySoon()
  })
}

const none = () => undefined

/** From `begin` on each answer ends its connection; nobody is refused. */
function createDraining(app: ClosingApp) {
  let isUnderWay = false
  app.addHook('onSend', async (_request, reply) => {
    if (isUnderWay) reply.header('connection', 'close')
  })
  return {
    isUnderWay: () => isUnderWay,
    begin: () => {
      isUnderWay = true
    },
  }
}

type AskedApp = { addHook(name: 'onRequest', hook: (request: FastifyRequest) => Promise<void>): unknown }

/**
 * A request names one host (RFC 9112, 3.2): of two, what stands before us may have judged the other one. The app is
 * built with `requireHostHeader: false`, since Node's own answer would be empty.
 */
export function refuseWrongHosts(app: AskedApp): void {
  app.addHook('onRequest', async ({ raw }) => {
    const times = timesSent(raw.rawHeaders, 'host')
    if (times === 1 || (times === 0 && raw.httpVersion === '1.0')) return
    const detail = times === 0 ? 'send the header Host' : 'send one Host header, not several'
    throw new ProblemError('invalid_request', detail, { headers: { connection: 'close' } })
  })
}

export function notOffered({ method, url }: FastifyRequest): ProblemError {
  return new ProblemError('not_found', `${method} ${url.split('?')[0]} is not offered: see /openapi.json`)
}

/** An onRequest hook: the caller must hold one of the scopes; it is then `request.caller`. */
function allowing(verifyToken: VerifyToken, scopes: readonly Scope[]): Allowing {
  const allow = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    reply.headers(forTheCaller)
    const caller = await verifyToken(authorizationOf(request), presentedOf(request))
    request.caller = caller
    if (!scopes.some((scope) => caller.scopes.has(scope))) throw lacksScope(scopes, request)
  }
  return Object.assign(allow, { scopes })
}

/** What a caller is answered who holds none of these scopes; of several the first one is the least. */
export function lacksScope(scopes: readonly Scope[], request: FastifyRequest): ProblemError {
  const headers = { 'www-authenticate': scopeChallenge(scopes, request) }
  return new ProblemError('forbidden', `this needs a token with the scope ${scopes.join(' or ')}`, { headers })
}

const fastifyCodes: Readonly<Record<string, readonly [ProblemCode, string]>> = {
  FST_ERR_BAD_URL: ['invalid_request', 'the path holds a broken percent-encoding'],
  FST_ERR_CTP_BODY_TOO_LARGE: ['body_too_large', 'send a smaller body, or several'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['unsupported_media_type', 'send the body as application/json'],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['malformed_json', 'the body is empty: send a JSON object'],
  FST_ERR_CTP_INVALID_JSON_BODY: ['malformed_json', notJson],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['invalid_request', 'Content-Length does not match the body'],
}

const ourFault = {
  ofRead: 'this is our fault and was logged: try again',
  ofCommand: 'this is our fault and was logged; it may have counted: send it again with the same key',
}

/** The one error handler: everything thrown becomes a problem, and what is nobody's fault but ours is logged. */
export function sendError(error: FastifyError, request: FastifyRequest, reply: FastifyReply) {
  if (error instanceof ProblemError) return sendProblem(reply, error.problem, error.headers)
  if (error instanceof TokenError) {
    const code = error.fault === 'invalid_request' ? 'invalid_request' : error.code
    return sendProblem(reply, problemOf(code, error.message), { 'www-authenticate': challengeOf(error.fault, request) })
  }
  if (error instanceof IssuerUnavailableError) {
    return sendProblem(reply, problemOf('upstream_unreachable', `${error.message}: try again`), { 'retry-after': '1' })
  }
  if (hasZodFastifySchemaValidationErrors(error)) {
    const errors = error.validation.map(({ instancePath: pointer, message = 'is not valid', params }) => {
      return { pointer, detail: message, params: params.params }
    })
    return sendProblem(reply, problemOfErrors(errors))
  }
  const known = fastifyCodes[error.code]
  if (known) return sendProblem(reply, problemOf(known[0], known[1]))
  if (error instanceof SyntaxError) {
    return sendProblem(reply, problemOf('malformed_json', `the body is not JSON in UTF-8: ${error.message}`))
  }
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500) {
    return sendProblem(reply, problemOf('invalid_request', error.message))
  }
  request.log.error({ err: error, method: request.method, path: request.routeOptions.url }, 'a request failed')
  return sendProblem(
    reply,
    problemOf('internal', request.method === 'GET' ? ourFault.ofRead : ourFault.ofCommand, { traceId: request.id }),
    {},
  )
}
