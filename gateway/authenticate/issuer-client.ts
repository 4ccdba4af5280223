import { keysOf, type Secret } from '@micropay/runtime/settings/key-ring'
import * as oidc from 'openid-client'

const ANSWERS_WITHIN_SECONDS = 5

/**
 * The gateway as a confidential client of the issuer, which is found by discovery when it is first needed. Of several
 * secrets the first one counts that the issuer takes.
 */
export function createIssuerClient(options: {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: Secret
}) {
  const issuer = new URL(options.issuer)
  const isPlain = issuer.protocol === 'http:'
  const secrets = keysOf(options.clientSecret, oidc.ClientSecretBasic)
  let found: Promise<oidc.Configuration> | undefined

  function discovered(): Promise<oidc.Configuration> {
    found ??= oidc
      .discovery(issuer, options.clientId, undefined, undefined, {
        execute: isPlain ? [oidc.allowInsecureRequests] : [],
        timeout: ANSWERS_WITHIN_SECONDS,
      })
      .catch((error: unknown) => {
        found = undefined
        throw error
      })
    return found
  }

  async function asClient<Result>(ask: (configuration: oidc.Configuration) => Promise<Result>): Promise<Result> {
    const metadata = (await discovered()).serverMetadata()
    const asked = secrets()
    for (const [at, authentication] of asked.entries()) {
      const configuration = new oidc.Configuration(metadata, options.clientId, undefined, authentication)
      configuration.timeout = ANSWERS_WITHIN_SECONDS
      if (isPlain) oidc.allowInsecureRequests(configuration)
      try {
        return await ask(configuration)
      } catch (error) {
        if (!isClientRefused(error) || at === asked.length - 1) throw error
      }
    }
    throw new Error('a client has a secret')
  }

  return { discovered, asClient }
}

/** The issuer did not take the secret of the client: it has looked at nothing else then. */
function isClientRefused(error: unknown): boolean {
  if (error instanceof oidc.WWWAuthenticateChallengeError) return error.status === 401
  return error instanceof oidc.ResponseBodyError && error.error === 'invalid_client'
}
