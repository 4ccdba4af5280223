import { createHash, timingSafeEqual } from 'node:crypto'
import type { Clock } from '@micropay/runtime/clock'
import { listen } from '@micropay/runtime/listen'
import type { Logger } from '@micropay/runtime/logger'
import type { Secret } from '@micropay/runtime/settings/key-ring'
import Fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyReply, LogController } from 'fastify'
import { z } from 'zod'
import { detailsOf, pageFor } from './asked-details.ts'
import { loadSigningKey } from './issuer-key.ts'
import { errorPage, pageSender } from './issuer-page.ts'
import { addSignOut } from './issuer-sign-out.ts'
import { createIssuerTokens, type Grant, grantedScopes, type IssuerTokens } from './issuer-tokens.ts'
import { developmentSecret, personaOf, scriptClients } from './personas.ts'

export type IssuerOptions = {
  /** Where its signing key is kept. */
  readonly directory: string
  readonly port: number
  /**
   * Where it listens; by default 127.0.0.1. Another address is for a container whose port is published on loopback
   * only.
   */
  readonly host?: string
  /** The issuer's name and address; by default `http://127.0.0.1:<port>`. */
  readonly publicUrl?: string
  readonly client: {
    readonly id: string
    readonly secret: Secret
    readonly redirectUris: readonly string[]
    /** Where it may have people led to who have signed out. */
    readonly signedOutUris?: readonly string[]
  }
  readonly audience: string
  /** Which `start` it belongs to, for who asks whether that one is still there. */
  readonly instance?: string | undefined
  readonly clock: Clock
  readonly log: Logger
}
export type DevelopmentIssuer = {
  readonly url: string
  /** Signs by a new key from now on. */
  renewKey(): Promise<void>
  close(): Promise<void>
}

type PendingCode = {
  readonly grant: Grant
  readonly redirectUri: string
  readonly challenge: string
  expiresAtMs: number
}

const CODE_MS = 60_000
const MOST_CODES = 1000

/**
 * A small OpenID provider for development: real signed tokens for the personas, and no password asked, so it listens on
 * loopback unless told otherwise. Offers the authorization code with PKCE (S256), refresh tokens, and for scripts
 * client_credentials with a persona's id (or `cli`) and the secret `development`. Of a payment that is to be confirmed
 * it shows payee and amount (RFC 9396); its token says that the authentication was of the kind that was asked for.
 */
export async function startDevelopmentIssuer(options: IssuerOptions): Promise<DevelopmentIssuer> {
  const logger: FastifyBaseLogger = options.log
  const app = Fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: true,
  })
  let url = options.publicUrl ?? ''
  const issuer = () => url
  const key = await loadSigningKey(options.directory)
  const tokens = createIssuerTokens({ issuer, audience: options.audience, key, clock: options.clock })
  const codes = new Map<string, PendingCode>()
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
    done(null, Object.fromEntries(new URLSearchParams(String(body)))),
  )
  app.get('/.well-known/openid-configuration', async () => metadataOf(issuer()))
  app.get('/health/live', async () => ({ status: 'live' }))
  app.get('/health/ready', async () => ({ status: 'ready', instance: options.instance }))
  app.get('/jwks', async () => ({ keys: key.publicJwks }))
  addSignIn(app, options, issuer, codes)
  addSignOut(app, options.client, tokens)
  addTokenRoutes(app, options, tokens, codes)
  const host = options.host ?? '127.0.0.1'
  const address = await listen(app, { PORT: options.port, HOST: host })
  if (url === '') url = address
  options.log.warn(
    { url, host },
    'the development issuer signs anyone in without a password: for development only, reachable from this machine only',
  )
  return { url, renewKey: key.renew, close: () => app.close() }
}

function metadataOf(issuer: string) {
  return {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    revocation_endpoint: `${issuer}/revoke`,
    end_session_endpoint: `${issuer}/end-session`,
    jwks_uri: `${issuer}/jwks`,
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
    code_challenge_methods_supported: ['S256'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['ES256'],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
    authorization_response_iss_parameter_supported: true,
    authorization_details_types_supported: ['micropay_payment'],
  }
}

const AuthorizeQuery = z.object({
  client_id: z.string(),
  redirect_uri: z.string(),
  response_type: z.string().optional(),
  scope: z.string().max(1000).optional(),
  state: z.string().max(1000).optional(),
  nonce: z.string().max(1000).optional(),
  code_challenge: z.string().optional(),
  code_challenge_method: z.string().optional(),
  acr_values: z.string().max(1000).optional(),
  login_hint: z.string().max(200).optional(),
  authorization_details: z.string().max(8000).optional(),
})
type AuthorizeQuery = z.infer<typeof AuthorizeQuery>
const Choice = z.object({ persona: z.string().optional(), answer: z.literal('no').optional() })

function addSignIn(
  app: FastifyInstance,
  options: IssuerOptions,
  issuer: () => string,
  codes: Map<string, PendingCode>,
) {
  const { client, clock } = options
  const sendPage = pageSender(client.redirectUris)
  const back = (reply: FastifyReply, query: AuthorizeQuery, answer: Record<string, string>) => {
    const target = new URL(query.redirect_uri)
    const all = { ...answer, ...(query.state === undefined ? {} : { state: query.state }), iss: issuer() }
    for (const [name, value] of Object.entries(all)) target.searchParams.set(name, value)
    return reply.redirect(target.href, 303)
  }
  const fault = (query: AuthorizeQuery): Record<string, string> | undefined => {
    if (query.response_type !== 'code') return { error: 'unsupported_response_type' }
    if (query.code_challenge_method !== 'S256' || !/^[\w-]{43}$/.test(query.code_challenge ?? '')) {
      return { error: 'invalid_request', error_description: 'PKCE with S256 is required' }
    }
    if (detailsOf(query)) return undefined
    return { error: 'invalid_authorization_details', error_description: 'only micropay_payment is known here' }
  }
  app.route({
    method: ['GET', 'POST'],
    url: '/authorize',
    handler: async (request, reply) => {
      const parsed = AuthorizeQuery.safeParse(request.query)
      if (!parsed.success) return sendPage(reply, 400, errorPage('client_id and redirect_uri are required.'))
      const query = parsed.data
      if (query.client_id !== client.id) return sendPage(reply, 400, errorPage('No such client_id.'))
      if (!client.redirectUris.includes(query.redirect_uri)) {
        return sendPage(reply, 400, errorPage('This redirect_uri is not one of the client.'))
      }
      const wrong = fault(query)
      if (wrong) return back(reply, query, wrong)
      const details = detailsOf(query) ?? []
      if (request.method === 'GET') return sendPage(reply, 200, pageFor(query, details, request.url))
      const choice = Choice.safeParse(request.body).data
      if (choice?.answer === 'no') return back(reply, query, { error: 'access_denied' })
      const persona = personaOf(choice?.persona ?? '')
      if (!persona) return sendPage(reply, 400, errorPage('No such persona.'))
      const code = clock.randomId()
      for (const [old, pending] of codes)
        if (pending.expiresAtMs < clock.nowMs() || codes.size >= MOST_CODES) codes.delete(old)
      codes.set(code, {
        grant: {
          ...{ persona, clientId: client.id, scopes: grantedScopes(persona, query.scope), nonce: query.nonce },
          ...{ sid: clock.randomId(), authTime: Math.floor(clock.nowMs() / 1000) },
          ...{ acr: query.acr_values?.split(' ')[0], ...(details.length === 0 ? {} : { details }) },
        },
        redirectUri: query.redirect_uri,
        challenge: query.code_challenge ?? '',
        expiresAtMs: clock.nowMs() + CODE_MS,
      })
      return back(reply, query, { code })
    },
  })
}

const TokenRequest = z.object({
  grant_type: z.string().optional(),
  client_id: z.string().optional(),
  client_secret: z.string().optional(),
  code: z.string().optional(),
  redirect_uri: z.string().optional(),
  code_verifier: z.string().optional(),
  refresh_token: z.string().optional(),
  scope: z.string().optional(),
  token: z.string().optional(),
})
type TokenRequest = z.infer<typeof TokenRequest>

function addTokenRoutes(
  app: FastifyInstance,
  options: IssuerOptions,
  tokens: IssuerTokens,
  codes: Map<string, PendingCode>,
) {
  const refuse = (reply: FastifyReply, status: number, error: string, description: string) =>
    reply.code(status).header('cache-control', 'no-store').send({ error, error_description: description })
  app.post('/token', async (request, reply) => {
    const asked = TokenRequest.safeParse(request.body).data ?? {}
    const clientId = clientOf(request.headers.authorization, asked, options)
    if (clientId === undefined) {
      return refuse(reply, 401, 'invalid_client', `the secret of every persona, and of cli, is ${developmentSecret}`)
    }
    reply.header('cache-control', 'no-store')
    if (asked.grant_type === 'client_credentials') {
      const persona = personaOf(scriptClients[clientId] ?? clientId)
      if (!persona) return refuse(reply, 400, 'unauthorized_client', 'name a persona, or cli, as client_id')
      return tokens.issue({ persona, clientId, scopes: grantedScopes(persona, asked.scope) }, 'machine')
    }
    if (asked.grant_type === 'authorization_code') {
      const grant = redeem(codes, asked, clientId, options.clock)
      return grant
        ? tokens.issue(grant, 'person')
        : refuse(
            reply,
            400,
            'invalid_grant',
            'the code is unknown, used, expired, or was not asked for by this verifier',
          )
    }
    if (asked.grant_type === 'refresh_token') {
      const known = await tokens.read(asked.refresh_token ?? '', clientId)
      if (!known) return refuse(reply, 400, 'invalid_grant', 'the refresh token is unknown, revoked or expired')
      tokens.revoke(known.tokenId)
      return tokens.issue(known.grant, 'person')
    }
    return refuse(reply, 400, 'unsupported_grant_type', 'see grant_types_supported')
  })
  app.post('/revoke', async (request, reply) => {
    const asked = TokenRequest.safeParse(request.body).data ?? {}
    const clientId = clientOf(request.headers.authorization, asked, options)
    if (clientId === undefined) return refuse(reply, 401, 'invalid_client', 'authenticate as the client')
    const known = await tokens.read(asked.token ?? '', clientId)
    if (known) tokens.revoke(known.tokenId)
    return reply.code(200).send()
  })
}

/** The client that proved itself, by Basic or in the form. */
function clientOf(authorization: string | undefined, asked: TokenRequest, options: IssuerOptions): string | undefined {
  let id = asked.client_id
  let secret = asked.client_secret
  if (authorization?.startsWith('Basic ')) {
    const [user, password] = Buffer.from(authorization.slice(6), 'base64').toString().split(':')
    id = decodeForm(user)
    secret = decodeForm(password)
  }
  if (id === undefined || secret === undefined) return undefined
  return secretsOf(id, options).some((expected) => sameText(secret, expected)) ? id : undefined
}

function secretsOf(id: string, { client }: IssuerOptions): readonly string[] {
  if (id === client.id) return typeof client.secret === 'string' ? [client.secret] : client.secret()
  const isScript = personaOf(id) !== undefined || Object.hasOwn(scriptClients, id)
  return isScript ? [developmentSecret] : []
}

/** RFC 6749 2.3.1: the parts of Basic are form-encoded. */
function decodeForm(text: string | undefined): string | undefined {
  return text === undefined ? undefined : (new URLSearchParams(`v=${text}`).get('v') ?? undefined)
}

function redeem(
  codes: Map<string, PendingCode>,
  asked: TokenRequest,
  clientId: string,
  clock: Clock,
): Grant | undefined {
  const pending = codes.get(asked.code ?? '')
  if (!pending) return undefined
  codes.delete(asked.code ?? '')
  const challenge = createHash('sha256')
    .update(asked.code_verifier ?? '')
    .digest('base64url')
  const fits =
    pending.expiresAtMs >= clock.nowMs() &&
    pending.grant.clientId === clientId &&
    pending.redirectUri === asked.redirect_uri &&
    sameText(challenge, pending.challenge)
  return fits ? pending.grant : undefined
}

function sameText(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(one), digest(other))
}
