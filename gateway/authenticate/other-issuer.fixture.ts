import { createServer } from 'node:http'
import { TLSSocket } from 'node:tls'
import { freePort } from '@micropay/local/stores/free-port'
import { usualStepUp } from '@micropay/runtime/step-up'
import { exportJWK, generateKeyPair } from 'jose'
import Provider, { type AuthorizationCode, type ClientMetadata } from 'oidc-provider'
import { z } from 'zod'

export type OtherIssuer = Awaited<ReturnType<typeof startOtherIssuer>>

/**
 * An issuer of another hand, with a client for machines and one for a gateway. It makes tokens of RFC 9068, bound where
 * a proof is sent, and lets everybody in who says a name.
 */
export async function startOtherIssuer(gatewayUrl?: string) {
  const url = `http://127.0.0.1:${await freePort()}`
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  const provider = new Provider(url, {
    jwks: { keys: [{ ...(await exportJWK(privateKey)), alg: 'ES256', use: 'sig', kid: 'one' }] },
    cookies: { keys: ['of this test'] },
    clients: [
      ...[machine, { ...machine, client_id: 'bound-machine', tls_client_certificate_bound_access_tokens: true }],
      ...(gatewayUrl === undefined ? [] : [websiteAt(gatewayUrl)]),
    ],
    features: {
      devInteractions: { enabled: true },
      clientCredentials: { enabled: true },
      revocation: { enabled: true },
      backchannelLogout: { enabled: true },
      dPoP: { enabled: true },
      mTLS: {
        ...{ enabled: true, certificateBoundAccessTokens: true, selfSignedTlsClientAuth: true },
        getCertificate: ({ socket }) =>
          socket instanceof TLSSocket ? socket.getPeerX509Certificate()?.toString() : undefined,
      },
      richAuthorizationRequests: {
        ...{ enabled: true, types: { micropay_payment: { validate: () => undefined } } },
        authorizationDetailsForGrantSource: ({ oidc }) => JSON.parse(String(oidc.params?.authorization_details)),
        authorizationDetailsForAccessToken: (_context, _token, source) => source?.rar,
        authorizationDetailsForIntrospection: () => undefined,
      },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => 'urn:micropay',
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          ...{ scope: 'accounts:read payments:make', audience: 'micropay', accessTokenTTL: 300 },
          ...{ accessTokenFormat: 'jwt', jwt: { sign: { alg: 'ES256' } } },
        }),
      },
    },
    enabledJWA: { dPoPSigningAlgValues: ['ES256', 'Ed25519', 'PS256'] },
    // Its own would speak with no address of this machine.
    fetch: (url, init) => fetch(url, { ...init, ...{ dispatcher: undefined } }),
    extraTokenClaims: ({ oidc }) => ({ tenant: 'main', ...signedInBy(oidc.entities.AuthorizationCode) }),
    acrValues: [...usualStepUp.acrValues],
  })
  const handle = provider.callback()
  const server = createServer(handle)
  await new Promise<void>((resolve) => server.listen(Number(new URL(url).port), '127.0.0.1', resolve))
  return {
    url,
    /** Of what comes by another door. */
    handle,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** Whoever says a name here has proved who they are in whatever way was asked for. */
function signedInBy(code: AuthorizationCode | undefined) {
  const acr = z
    .object({ id_token: z.object({ acr: z.object({ values: z.array(z.string()) }) }) })
    .safeParse(code?.claims)
  return { auth_time: code?.authTime, acr: acr.data?.id_token.acr.values[0] }
}

const machine: ClientMetadata = {
  ...{ client_id: 'machine', client_secret: 'of the machine', grant_types: ['client_credentials'] },
  ...{ redirect_uris: [], response_types: [], id_token_signed_response_alg: 'ES256' },
}
function websiteAt(url: string): ClientMetadata {
  return {
    ...{ client_id: 'gateway', client_secret: 'of the gateway', response_types: ['code'] },
    ...{ grant_types: ['authorization_code', 'refresh_token'], id_token_signed_response_alg: 'ES256' },
    redirect_uris: [`${url}/session/callback`],
    authorization_details_types: ['micropay_payment'],
    post_logout_redirect_uris: [`${url}/session/signed-out`],
    ...{ backchannel_logout_uri: `${url}/session/backchannel-logout`, backchannel_logout_session_required: true },
  }
}
