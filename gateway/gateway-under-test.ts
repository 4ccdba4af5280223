import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startDevelopmentIssuer } from '@micropay/local/issuer/issuer'
import type { PersonaId } from '@micropay/local/issuer/personas'
import { freePort } from '@micropay/local/stores/free-port'
import { type Clock, systemClock } from '@micropay/runtime/clock'
import { createLogger, type Logger } from '@micropay/runtime/logger'
import { openSecurityLog } from '@micropay/runtime/security-log/security-log'
import type { Secret } from '@micropay/runtime/settings/key-ring'
import type { PublicTls } from '@micropay/runtime/tls/public-tls'
import { createTokenVerifier, TokenError, type VerifyToken } from '@micropay/runtime/verify-token'
import { type Scope, scopes } from '@micropay/schemas/api/token'
import { OwnerId } from '@micropay/schemas/identifiers'
import Fastify, { type FastifyInstance } from 'fastify'
import { z } from 'zod'
import { rememberProofs } from './authenticate/remember-proofs.ts'
import { buildApp } from './build-app.ts'
import type { AskedRegistry } from './discover/registry/by-registry.ts'
import type { ConnectTo } from './forward/upstreams.ts'
import type { LimitSettings } from './limit/limits.ts'
import { forEachUpstream, type UpstreamName } from './routes.ts'
import { openInProcessMemory } from './share/in-process/in-process-memory.ts'
import type { SharedMemory } from './share/shared-memory.ts'

export type Seen = {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly bytes: number
}
export type Settings = {
  readonly rateLimitPerSecond?: LimitSettings['rateLimitPerSecond']
  readonly addressLimitPerSecond?: LimitSettings['addressLimitPerSecond']
  readonly trustedProxies?: readonly string[]
  readonly clientCertProxies?: readonly string[]
  readonly sessionSecret?: Secret
  /** `of the gateway` is the one that the issuer takes. */
  readonly clientSecret?: Secret
  readonly uiDirectory?: string
  readonly clock?: Clock
  readonly log?: Logger
  readonly projections?: readonly (readonly [string, string])[]
  /** Whose access tokens it takes, and where people sign in, in place of the development issuer. */
  readonly tokensOf?: string
  readonly memory?: SharedMemory
  readonly keptMs?: number
  readonly balanceMs?: number
  readonly historyEveryMs?: number
  readonly alertmanagerUrl?: string
  readonly verifyToken?: VerifyToken
  readonly port?: number
  /** Another address that leads to the service. */
  readonly through?: (serviceUrl: string) => Promise<string>
  readonly connectTo?: ConnectTo
  readonly registry?: AskedRegistry
  /** Of its own port; browsers are told of `https:` then. */
  readonly tls?: PublicTls | undefined
  readonly upstreams?: Partial<Record<UpstreamName, string>>
}
export const sessionSecret = 'a secret of at least 32 characters'
export type GatewayUnderTest = Awaited<ReturnType<typeof startGateway>>

/**
 * A real development issuer, a real service that all routes lead to, and a gateway before it, each on a port of its
 * own. The service answers what it was sent, unless the test adds routes before `listen`.
 */
export async function startGateway(settings: Settings = {}, addRoutes: (service: FastifyInstance) => void = () => {}) {
  const clock = settings.clock ?? systemClock
  const log = settings.log ?? createLogger('test', 'silent')
  const directory = await mkdtemp(join(tmpdir(), 'gateway-'))
  const port = settings.port ?? (await freePort())
  const url = `${settings.tls ? 'https' : 'http'}://127.0.0.1:${port}`
  const client = clientAt(url)
  const issuer = await startDevelopmentIssuer({ directory, port: 0, client, audience: 'micropay', clock, log })

  const { service, seen, serviceUrl: ownUrl } = await startService(addRoutes)
  const serviceUrl = settings.through ? await settings.through(ownUrl) : ownUrl
  const securityLogPath = join(directory, 'security.jsonl')
  /** Gateways of one site differ by their port alone, and browsers know the first. */
  const open = async (ownPort: number, memory: SharedMemory, securityLog?: string) => {
    const ofIssuer = () =>
      createTokenVerifier({
        ...{ issuer: settings.tokensOf ?? issuer.url, audience: 'micropay', clock },
        door: { origin: url, isNew: rememberProofs(clock) },
      })
    const app = await buildApp({
      log,
      security: await openSecurityLog({ path: securityLog, service: 'gateway', clock, log }),
      clock,
      verifyToken: settings.verifyToken ?? ofIssuer(),
      publicUrl: new URL(url),
      upstreams: { ...forEachUpstream(() => serviceUrl), ...settings.upstreams },
      ...{ connectTo: settings.connectTo, tls: settings.tls, registry: settings.registry },
      projections: new Map(settings.projections ?? [['accounts', serviceUrl]]),
      oidc: {
        issuer: settings.tokensOf ?? issuer.url,
        clientId: client.id,
        clientSecret: settings.clientSecret ?? client.secret,
        scope: ['openid', 'profile', ...Object.keys(scopes)].join(' '),
      },
      sessionSecret: settings.sessionSecret ?? sessionSecret,
      sessionMs: { idle: 30 * 60_000, longest: 12 * 3_600_000 },
      ...{ memory, keptMs: settings.keptMs ?? 15 * 60_000, balanceMs: settings.balanceMs ?? 0 },
      configuration: () => noSettings,
      ...(settings.historyEveryMs === undefined ? {} : { historyEveryMs: settings.historyEveryMs }),
      alertmanagerUrl: settings.alertmanagerUrl,
      limits: {
        rateLimitPerSecond: settings.rateLimitPerSecond ?? 0,
        addressLimitPerSecond: settings.addressLimitPerSecond ?? 0,
      },
      ...proxiesOf(settings),
      ...(settings.uiDirectory === undefined ? {} : { uiDirectory: settings.uiDirectory }),
    })
    await app.listen({ host: '127.0.0.1', port: ownPort })
    return app
  }
  const app = await open(port, settings.memory ?? openInProcessMemory(clock), securityLogPath)
  return {
    ...{ url, issuer, service, seen, app, securityLogPath },
    /** Where the issuer keeps its key. */
    directory,
    /** Another gateway of the same site. */
    beside: async (memory: SharedMemory) => {
      const own = await freePort()
      const other = await open(own, memory)
      return { url: `http://127.0.0.1:${own}`, close: () => other.close() }
    },
    close: async () => {
      await app.close()
      await service.close()
      await issuer.close()
      await rm(directory, { recursive: true })
    },
  }
}

function clientAt(url: string) {
  const addresses = { redirectUris: [`${url}/session/callback`], signedOutUris: [`${url}/session/signed-out`] }
  return { id: 'gateway', secret: 'of the gateway', ...addresses }
}

function proxiesOf({ trustedProxies, clientCertProxies }: Settings) {
  return { ...(trustedProxies ? { trustedProxies } : {}), ...(clientCertProxies ? { clientCertProxies } : {}) }
}

const noSettings = {
  service: 'gateway',
  ...{ version: null, commit: null },
  instance: 'a test',
  settings: [],
  lastReload: null,
  trouble: null,
  notices: [],
}

async function startService(addRoutes: (service: FastifyInstance) => void) {
  const seen: Seen[] = []
  const service = Fastify({ forceCloseConnections: true })
  service.removeAllContentTypeParsers()
  service.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
  // It is asked for other workers, of which there are none.
  service.get('/directory', async (_request, reply) => reply.code(404).send({}))
  addRoutes(service)
  service.setNotFoundHandler(async (request, reply) => {
    let bytes = 0
    if (request.method === 'POST') for await (const chunk of request.raw) bytes += chunk.length
    seen.push({ method: request.method, url: request.url, headers: request.headers, bytes })
    return reply.code(200).headers({ position: '0:7', 'set-cookie': 'upstream=1' }).send({ path: request.url })
  })
  const serviceUrl = await service.listen({ host: '127.0.0.1', port: 0 })
  return { service, seen, serviceUrl }
}

/** An access token by the development grant for scripts. */
export async function tokenOf(issuerUrl: string, persona: PersonaId | 'cli'): Promise<string> {
  const answer = await fetch(`${issuerUrl}/token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'client_credentials', client_id: persona, client_secret: 'development' }),
  })
  return z.object({ access_token: z.string() }).parse(await answer.json()).access_token
}

export async function bearer(issuerUrl: string, persona: PersonaId | 'cli') {
  return { authorization: `Bearer ${await tokenOf(issuerUrl, persona)}` }
}

/** Takes `Bearer NAME` for the token of a customer of that name with every scope, where a test needs many of them. */
export const anyName: VerifyToken = async (authorization = '') => {
  const [, name] = /^Bearer ([a-z0-9-]+)$/.exec(authorization) ?? []
  if (name === undefined) throw new TokenError('send the header Authorization: Bearer NAME')
  return {
    subject: OwnerId.parse(`customer:${name}`),
    client: 'test',
    tenant: 'main',
    scopes: new Set(Object.keys(scopes) as Scope[]),
    expiresAt: Number.POSITIVE_INFINITY,
  }
}

/** The code of a problem, after checking that the answer is one. */
export async function problemCode(answer: Response): Promise<string> {
  assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json/)
  const problem = z.object({ code: z.string(), status: z.number(), detail: z.string() }).parse(await answer.json())
  assert.equal(problem.status, answer.status)
  return problem.code
}

/** Keeps cookies as a browser does for one host, and follows nothing by itself. */
export function createBrowser() {
  const cookies = new Map<string, string>()
  async function go(url: string, init: RequestInit & { headers?: Record<string, string> } = {}): Promise<Response> {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const headers = cookie === '' ? { ...init.headers } : { ...init.headers, cookie }
    const answer = await fetch(url, { ...init, headers, redirect: 'manual' })
    for (const line of answer.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split('; ')
      const at = pair.indexOf('=')
      const gone = attributes.some(
        (attribute) => attribute === 'Max-Age=0' || attribute.startsWith('Expires=Thu, 01 Jan 1970'),
      )
      if (gone) cookies.delete(pair.slice(0, at))
      else cookies.set(pair.slice(0, at), pair.slice(at + 1))
    }
    return answer
  }
  return { cookies, go }
}

/** Signs in through the issuer's page, as a person would; the answer is that of the callback. */
export async function signIn(gatewayUrl: string, persona: PersonaId, returnTo = '/') {
  const browser = createBrowser()
  const start = await browser.go(`${gatewayUrl}/session/login?returnTo=${encodeURIComponent(returnTo)}`)
  assert.equal(start.status, 303)
  const authorizeUrl = start.headers.get('location') ?? ''
  const chosen = await fetch(authorizeUrl, {
    method: 'POST',
    body: new URLSearchParams({ persona }),
    redirect: 'manual',
  })
  const callbackUrl = chosen.headers.get('location') ?? ''
  const callback = await browser.go(callbackUrl)
  return { browser, authorizeUrl, callbackUrl, callback }
}
