import { z } from 'zod'
import type { Clock } from './clock.ts'
import { createTokenVerifier, TOKEN_ALGORITHMS, type TokenRules, type VerifyToken } from './verify-token.ts'

/** What a public key can check; a secret that is shared with the issuer could make tokens, too. */
const known: readonly string[] = [
  ...TOKEN_ALGORITHMS,
  ...['ES384', 'ES512', 'PS384', 'PS512', 'RS256', 'RS384', 'RS512'],
]

/** What every service reads from its environment to know whose tokens it takes. */
export const tokenEnvironment = {
  OIDC_ISSUER: z.url({ error: 'must be the issuer of access tokens, such as https://login.example.com' }),
  OIDC_AUDIENCE: z.string().default('micropay'),
  OIDC_TOKEN_ALGORITHMS: z
    .string()
    .default('')
    .transform((text) => (text.trim() === '' ? [...TOKEN_ALGORITHMS] : text.split(',').map((name) => name.trim())))
    .refine((names) => names.every((name) => known.includes(name)), {
      error: `must be names parted by commas, among ${known.join(', ')}`,
    }),
}

export type TokenSettings = {
  readonly OIDC_ISSUER: string
  readonly OIDC_AUDIENCE: string
  readonly OIDC_TOKEN_ALGORITHMS: readonly string[]
}

/** `door` is for where callers come in: see TokenRules. */
export function openTokenVerifier(settings: TokenSettings, clock: Clock, door?: TokenRules['door']): VerifyToken {
  const rules: TokenRules = {
    ...{ issuer: settings.OIDC_ISSUER, audience: settings.OIDC_AUDIENCE, clock },
    ...{ algorithms: settings.OIDC_TOKEN_ALGORITHMS, ...(door ? { door } : {}) },
  }
  return createTokenVerifier(rules)
}
