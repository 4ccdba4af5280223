import { IssuerUnavailableError } from '@micropay/runtime/issuer-keys'
import type { Secret } from '@micropay/runtime/settings/key-ring'
import type { PaymentDetail } from '@micropay/schemas/api/confirmation'
import * as oidc from 'openid-client'
import { z } from 'zod'
import { createIssuerClient } from './issuer-client.ts'

export type Tokens = {
  readonly accessToken: string
  readonly refreshToken: string | undefined
  /** The person's name, where the issuer says it. */
  readonly name: string | undefined
  /** As it was signed, to be shown to the issuer again. */
  readonly idToken: string | undefined
  readonly atIssuer: AtIssuer | undefined
}
/** The sign-in as the issuer knows it, by its ID token. */
export const AtIssuer = z.object({
  subject: z.string(),
  /** Of its own session; not every issuer names it. */
  sid: z.string().optional(),
  issuedAtSeconds: z.number(),
})
export type AtIssuer = z.infer<typeof AtIssuer>
export type SignInStart = {
  readonly url: string
  readonly state: string
  readonly nonce: string
  readonly verifier: string
}
export type SignInChecks = { readonly state: string; readonly nonce: string; readonly verifier: string }

/** The issuer refused what the browser or the session brought: signing in again is the only way on. */
export class SignInRefusedError extends Error {
  readonly code = 'unauthenticated'
}

/** The person themselves said no at the issuer. */
export class SignInDeniedError extends SignInRefusedError {}

/** What a person is asked to confirm, by a fresh authentication of one of these kinds. */
export type Confirming = {
  readonly details: readonly PaymentDetail[]
  readonly acrValues: readonly string[]
  readonly subject: string
}

export type IdentityProvider = {
  /** `confirming` is for whoever is signed in and confirms a payment. */
  start(confirming?: Confirming): Promise<SignInStart>
  finish(callbackUrl: URL, checks: SignInChecks): Promise<Tokens>
  refresh(refreshToken: string): Promise<Tokens>
  /** Ends the refresh token at the issuer, where the issuer offers that (RFC 7009). */
  revoke(refreshToken: string): Promise<void>
  /**
   * Where the browser is led to sign out at the issuer, too (OpenID Connect RP-Initiated Logout 1.0), and comes back
   * from with `state`; undefined where the issuer offers no such thing.
   */
  endSession(leave: { readonly idToken: string | undefined; readonly state: string }): Promise<string | undefined>
}

/**
 * The OpenID provider as the gateway uses it: authorization code with PKCE (S256), state and nonce, as a confidential
 * client. Found by discovery when first needed. Throws SignInRefusedError, or IssuerUnavailableError when the issuer
 * cannot be asked.
 */
export function createIdentityProvider(options: {
  readonly issuer: string
  readonly clientId: string
  /** Of several the first one that the issuer takes: while it is changed there, both are given. */
  readonly clientSecret: Secret
  readonly redirectUri: string
  /** Where the browser comes back to once it is signed out at the issuer. */
  readonly signedOutUri: string
  readonly scope: string
}): IdentityProvider {
  const { discovered, asClient } = createIssuerClient(options)
  return {
    start: (confirming) =>
      asking(options.issuer, async () => {
        const verifier = oidc.randomPKCECodeVerifier()
        const state = oidc.randomState()
        const nonce = oidc.randomNonce()
        const url = oidc.buildAuthorizationUrl(await discovered(), {
          redirect_uri: options.redirectUri,
          scope: options.scope,
          state,
          nonce,
          code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
          code_challenge_method: 'S256',
          ...(confirming ? stepUpParameters(confirming) : {}),
        })
        return { url: url.href, state, nonce, verifier }
      }),
    finish: (callbackUrl, checks) =>
      asking(options.issuer, async () => {
        const answer = await asClient((configuration) =>
          oidc.authorizationCodeGrant(configuration, callbackUrl, {
            pkceCodeVerifier: checks.verifier,
            expectedState: checks.state,
            expectedNonce: checks.nonce,
            idTokenExpected: true,
          }),
        )
        return tokensOf(answer)
      }),
    refresh: (refreshToken) =>
      asking(options.issuer, async () => {
        const answer = tokensOf(await asClient((configuration) => oidc.refreshTokenGrant(configuration, refreshToken)))
        return { ...answer, refreshToken: answer.refreshToken ?? refreshToken }
      }),
    revoke: (refreshToken) =>
      asking(options.issuer, async () => {
        if (!(await discovered()).serverMetadata().revocation_endpoint) return
        await asClient((configuration) => oidc.tokenRevocation(configuration, refreshToken))
      }),
    endSession: ({ idToken, state }) =>
      asking(options.issuer, async () => {
        const configuration = await discovered()
        if (!configuration.serverMetadata().end_session_endpoint) return undefined
        return oidc.buildEndSessionUrl(configuration, {
          ...(idToken === undefined ? {} : { id_token_hint: idToken }),
          ...{ post_logout_redirect_uri: options.signedOutUri, state },
        }).href
      }),
  }
}

/** RFC 9470 and RFC 9396. Whoever has just signed in does so once more: what they confirm is this. */
function stepUpParameters({ details, acrValues, subject }: Confirming) {
  return {
    ...{ acr_values: acrValues.join(' '), max_age: '0', login_hint: subject },
    authorization_details: JSON.stringify(details),
  }
}

function tokensOf(answer: oidc.TokenEndpointResponse & oidc.TokenEndpointResponseHelpers): Tokens {
  const { access_token: accessToken, refresh_token: refreshToken, id_token: idToken } = answer
  const claims = answer.claims()
  const name = typeof claims?.name === 'string' ? claims.name : undefined
  return { accessToken, refreshToken, idToken, name, atIssuer: claims && atIssuerOf(claims) }
}

function atIssuerOf({ sub, sid, iat }: oidc.IDToken): AtIssuer {
  return { subject: sub, issuedAtSeconds: iat, ...(typeof sid === 'string' && sid !== '' ? { sid } : {}) }
}

/** An answer of the issuer that says no, or does not fit, is a refusal; no answer, or one of its 5xx, is an outage. */
async function asking<Result>(issuer: string, ask: () => Promise<Result>): Promise<Result> {
  try {
    return await ask()
  } catch (cause) {
    if (cause instanceof oidc.AuthorizationResponseError) {
      const Refused = cause.error === 'access_denied' ? SignInDeniedError : SignInRefusedError
      throw new Refused(`the issuer refused: ${cause.error}`, { cause })
    }
    if (cause instanceof oidc.ResponseBodyError && cause.status < 500) {
      throw new SignInRefusedError(`the issuer refused: ${cause.error}`, { cause })
    }
    if (cause instanceof oidc.ClientError && isMismatch(cause)) {
      throw new SignInRefusedError("the issuer's answer does not belong to this sign-in", { cause })
    }
    throw new IssuerUnavailableError(`the issuer ${issuer} does not answer`, { cause })
  }
}

function isMismatch(error: oidc.ClientError): boolean {
  return error.code === 'OAUTH_INVALID_RESPONSE' || error.code === 'OAUTH_JWT_CLAIM_COMPARISON_FAILED'
}
