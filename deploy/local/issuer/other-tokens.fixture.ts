import { join } from 'node:path'
import { systemClock } from '@micropay/runtime/clock'
import { SignJWT } from 'jose'
import { loadSigningKey } from './issuer-key.ts'

/** What a token says that the development issuer gives to nobody: it knows one tenant alone, and no other people. */
export type OtherToken = {
  readonly subject: string
  readonly client: string
  readonly tenant: string
  readonly scopes: readonly string[]
}

/** Signs access tokens as the development issuer of a running product does, whose state is in `home`. */
export async function otherTokens(home: string, issuer: string): Promise<(token: OtherToken) => Promise<string>> {
  const key = await loadSigningKey(join(home, 'issuer'))
  return ({ subject, client, tenant, scopes }) =>
    new SignJWT({ client_id: client, tenant, scope: scopes.join(' ') })
      .setProtectedHeader({ alg: 'ES256', kid: key.id, typ: 'at+jwt' })
      .setIssuer(issuer)
      .setAudience('micropay')
      .setSubject(subject)
      .setIssuedAt()
      .setExpirationTime('1h')
      .setJti(systemClock.randomId())
      .sign(key.privateKey)
}
