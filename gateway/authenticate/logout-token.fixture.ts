import { randomUUID } from 'node:crypto'
import { loadSigningKey } from '@micropay/local/issuer/issuer-key'
import { type Change, nowSeconds } from '@micropay/runtime/test-issuer.fixture'
import { SignJWT } from 'jose'
import { z } from 'zod'
import { type createBrowser, type GatewayUnderTest, sessionSecret } from '../gateway-under-test.ts'
import { createSeal } from './sealed-cookie.ts'
import { SessionData } from './sessions.ts'

export type SignLogout = (sid: string | undefined, change?: Change) => Promise<string>

/** Logout tokens of the development issuer, which are good ones but for the change. */
export async function logoutTokensOf({ issuer, directory }: GatewayUnderTest): Promise<SignLogout> {
  const own = await loadSigningKey(directory)
  return (sid, { claims = {}, header = {}, key = own.privateKey } = {}) => {
    const good = {
      ...{ iss: issuer.url, aud: 'gateway', iat: nowSeconds(), exp: nowSeconds() + 120, jti: randomUUID() },
      ...{ events: { 'http://schemas.openid.net/event/backchannel-logout': {} }, sid },
    }
    return new SignJWT({ ...good, ...claims })
      .setProtectedHeader({ alg: 'ES256', kid: own.id, typ: 'logout+jwt', ...header })
      .sign(key, { crit: { 'urn:x': true } })
  }
}

export function sendLogout(gatewayUrl: string, token: string): Promise<Response> {
  const body = new URLSearchParams({ logout_token: token })
  return fetch(`${gatewayUrl}/session/backchannel-logout`, { method: 'POST', body })
}

type Browser = ReturnType<typeof createBrowser>

/** What stands sealed in the session's cookie. */
export async function sessionIn(browser: Browser): Promise<SessionData> {
  return opened(browser, 'micropay', 'session', SessionData)
}

export async function idTokenIn(browser: Browser): Promise<string> {
  const { idToken } = await opened(browser, 'micropay-id-token', 'id token', z.object({ idToken: z.string() }))
  return idToken
}

async function opened<Data extends z.ZodType<Record<string, unknown>>>(
  { cookies }: Browser,
  name: string,
  purpose: string,
  schema: Data,
): Promise<z.infer<Data>> {
  const seal = createSeal({ secret: sessionSecret, purpose, schema, nowMs: Date.now })
  return schema.parse(await seal.open(cookies.get(name) ?? ''))
}
