import type { Clock } from '@micropay/runtime/clock'
import { scopes as knownScopes } from '@micropay/schemas/api/token'
import { jwtVerify, SignJWT } from 'jose'
import { z } from 'zod'
import type { SigningKey } from './issuer-key.ts'
import { type Persona, personaOf } from './personas.ts'

export type Grant = {
  readonly persona: Persona
  readonly clientId: string
  /** Granted scopes: those of the API, and OIDC's own. */
  readonly scopes: readonly string[]
  readonly nonce?: string | undefined
  /** Of the sign-in that it comes from. */
  readonly sid?: string | undefined
  /** When they signed in, seconds since 1970, and by what kind of authentication, where one was asked for. */
  readonly authTime?: number | undefined
  readonly acr?: string | undefined
  /** What they confirmed then; a refreshed token says nothing of it. */
  readonly details?: readonly unknown[] | undefined
}

export type TokenAnswer = {
  readonly token_type: 'Bearer'
  readonly access_token: string
  readonly expires_in: number
  readonly scope: string
  readonly id_token?: string
  readonly refresh_token?: string
  readonly authorization_details?: readonly unknown[]
}

const ACCESS_SECONDS = 15 * 60
const REFRESH_SECONDS = 12 * 60 * 60
const oidcScopes = ['openid', 'profile', 'offline_access']

export type IssuerTokens = ReturnType<typeof createIssuerTokens>

/** Signs what the development issuer gives out; refresh tokens are signed too, so that a restart signs nobody out. */
export function createIssuerTokens(options: {
  readonly issuer: () => string
  readonly audience: string
  readonly key: SigningKey
  readonly clock: Clock
}) {
  const { issuer, audience, key, clock } = options
  const revoked = new Set<string>()
  const sign = (typ: string, claims: Record<string, unknown>, aud: string, subject: string, seconds: number) => {
    const now = Math.floor(clock.nowMs() / 1000)
    return new SignJWT(claims)
      .setProtectedHeader({ alg: 'ES256', kid: key.id, typ })
      .setIssuer(issuer())
      .setAudience(aud)
      .setSubject(subject)
      .setIssuedAt(now)
      .setExpirationTime(now + seconds)
      .setJti(clock.randomId())
      .sign(key.privateKey)
  }

  /** The tokens of one grant; a machine client gets no id or refresh token. */
  async function issue(grant: Grant, kind: 'person' | 'machine'): Promise<TokenAnswer> {
    const { persona, clientId, sid } = grant
    const scope = grant.scopes.filter((name) => !oidcScopes.includes(name)).join(' ')
    const { signedIn, confirmed } = saidOf(grant)
    const claims = { client_id: clientId, tenant: 'main', scope, name: persona.name, ...signedIn, ...confirmed }
    const access_token = await sign('at+jwt', claims, audience, persona.subject, ACCESS_SECONDS)
    const answer: TokenAnswer = { token_type: 'Bearer', access_token, expires_in: ACCESS_SECONDS, scope, ...confirmed }
    if (kind === 'machine') return answer
    const refreshClaims = { persona: persona.id, client_id: clientId, scope: grant.scopes.join(' '), sid }
    const refresh_token = await sign('refresh+jwt', refreshClaims, issuer(), persona.subject, REFRESH_SECONDS)
    if (!grant.scopes.includes('openid')) return { ...answer, refresh_token }
    const nonce = grant.nonce === undefined ? {} : { nonce: grant.nonce }
    const idClaims = { name: persona.name, sid, ...nonce, ...signedIn }
    const id_token = await sign('JWT', idClaims, clientId, persona.subject, ACCESS_SECONDS)
    return { ...answer, refresh_token, id_token }
  }

  /** The grant behind a refresh token of ours that this client may still use. */
  async function read(refreshToken: string, clientId: string): Promise<{ grant: Grant; tokenId: string } | undefined> {
    try {
      const { payload } = await jwtVerify(refreshToken, key.find, {
        issuer: issuer(),
        audience: issuer(),
        typ: 'refresh+jwt',
        currentDate: new Date(clock.nowMs()),
      })
      const claims = RefreshClaims.parse(payload)
      const persona = personaOf(claims.persona)
      if (!persona || claims.client_id !== clientId || revoked.has(claims.jti)) return undefined
      const { scope, sid, jti } = claims
      return { grant: { persona, clientId, scopes: scope.split(' '), sid }, tokenId: jti }
    } catch {
      return undefined
    }
  }

  /** Whether an ID token is of ours and of this client, however long ago it ended. */
  async function isOwnIdToken(idToken: string, clientId: string): Promise<boolean> {
    try {
      await jwtVerify(idToken, key.find, { issuer: issuer(), audience: clientId, typ: 'JWT', currentDate: new Date(0) })
      return true
    } catch {
      return false
    }
  }

  return { issue, read, isOwnIdToken, revoke: (tokenId: string) => revoked.add(tokenId) }
}

/** How somebody signed in, and what they confirmed then. */
function saidOf({ authTime: auth_time, acr, details: authorization_details }: Grant) {
  const signedIn = { ...(auth_time === undefined ? {} : { auth_time }), ...(acr === undefined ? {} : { acr }) }
  const confirmed: Pick<TokenAnswer, 'authorization_details'> = authorization_details ? { authorization_details } : {}
  return { signedIn, confirmed }
}

const RefreshClaims = z.object({
  ...{ persona: z.string(), client_id: z.string(), scope: z.string(), jti: z.string() },
  sid: z.string().optional(),
})

/** What is granted of what was asked; asking for nothing asks for all. */
export function grantedScopes(persona: Persona, asked: string | undefined): string[] {
  if (asked === undefined || asked.trim() === '') return [...persona.scopes]
  const wanted = asked.split(' ').filter((name) => oidcScopes.includes(name) || name in knownScopes)
  return wanted.filter((name) => oidcScopes.includes(name) || persona.scopes.some((scope) => scope === name))
}
