import { scopes } from '@micropay/schemas/api/token'

export const realm = 'micropay'
export const person = { username: 'ada', password: 'a password of ada', role: 'customer' }
const ofCustomers: readonly string[] = ['accounts:read', 'payments:make']

/**
 * What an operator sets in Keycloak for MicroPay, as its administration takes it, in this order: docs/deployment.md
 * says it in words.
 */
export const realmSettings = {
  ...{ realm, enabled: true },
  // Its own default is RS256, which is not taken: this one is of access, ID and logout tokens.
  defaultSignatureAlgorithm: 'ES256',
  accessTokenLifespan: 300,
  roles: { realm: [{ name: person.role }, { name: 'staff' }] },
  users: [
    {
      ...{ username: person.username, enabled: true, realmRoles: [person.role] },
      ...{ firstName: 'Ada', lastName: 'Lovelace', email: 'ada@example.com', emailVerified: true },
      credentials: [{ type: 'password', value: person.password, temporary: false }],
    },
  ],
}

/** Each scope of ours, and the role that may have it: without that it is left out of the token. */
export const clientScopes = Object.keys(scopes).map((name) => ({
  role: ofCustomers.includes(name) ? person.role : 'staff',
  settings: { name, protocol: 'openid-connect', attributes: { 'include.in.token.scope': 'true' } },
}))

export function clientSettings(gatewayUrl: string, client: { readonly id: string; readonly secret: string }) {
  return {
    ...{ clientId: client.id, secret: client.secret, publicClient: false, protocol: 'openid-connect' },
    ...{ standardFlowEnabled: true, directAccessGrantsEnabled: false },
    redirectUris: [`${gatewayUrl}/session/callback`],
    // Named, since those that a client has by itself are left out where others are named.
    defaultClientScopes: ['basic', 'profile'],
    optionalClientScopes: Object.keys(scopes),
    attributes: {
      'pkce.code.challenge.method': 'S256',
      'post.logout.redirect.uris': `${gatewayUrl}/session/signed-out`,
      'backchannel.logout.url': `${gatewayUrl}/session/backchannel-logout`,
      'backchannel.logout.session.required': 'true',
      'access.token.header.type.rfc9068': 'true',
    },
    protocolMappers: [
      mapper('audience', 'oidc-audience-mapper', { 'included.custom.audience': 'micropay' }),
      claim('client_id', client.id),
      claim('tenant', 'main'),
    ],
  }
}

function claim(name: string, value: string) {
  const config = { 'claim.name': name, 'claim.value': value, 'jsonType.label': 'String' }
  return mapper(name, 'oidc-hardcoded-claim-mapper', config)
}

function mapper(name: string, protocolMapper: string, config: Readonly<Record<string, string>>) {
  return { name, protocol: 'openid-connect', protocolMapper, config: { ...config, 'access.token.claim': 'true' } }
}
