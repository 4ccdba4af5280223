import { systemClock } from '@micropay/runtime/clock'
import { InputError } from '@micropay/sdk/input-error'
import { z } from 'zod'

type Client = {
  readonly issuer: string
  readonly id: string
  readonly secret: string
  readonly scope: string | undefined
}

const Discovered = z.object({ token_endpoint: z.url() })
/** How long it lives is told as a rule (RFC 6749, 5.1). */
const Issued = z.object({ access_token: z.string(), expires_in: z.coerce.number().default(60) })
const Refused = z.object({ error: z.string(), error_description: z.string().optional() })
const renewBeforeMs = 10_000
const answerWithinMs = 10_000

/** Access tokens of any issuer that can be discovered (OpenID Connect), by the grant client_credentials. */
export function issuedTokens(client: Client): () => Promise<string> {
  let known: { readonly token: string; readonly endsAtMs: number } | undefined
  return async () => {
    if (known === undefined || known.endsAtMs < systemClock.monotonicMs()) known = await ask(client)
    return known.token
  }
}

async function ask({ issuer, id, secret, scope }: Client) {
  const where = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
  const { token_endpoint: endpoint } = await answered(where, Discovered)
  const body = new URLSearchParams({ grant_type: 'client_credentials', client_id: id, client_secret: secret })
  if (scope !== undefined) body.set('scope', scope)
  const issued = await answered(endpoint, Issued, { method: 'POST', body })
  const livesMs = issued.expires_in * 1000 - renewBeforeMs
  return { token: issued.access_token, endsAtMs: systemClock.monotonicMs() + Math.max(livesMs, 0) }
}

async function answered<Schema extends z.ZodType>(url: string, schema: Schema, asked: RequestInit = {}) {
  const answer = await fetch(url, { ...asked, signal: AbortSignal.timeout(answerWithinMs) }).catch((cause: unknown) => {
    throw new InputError(`the issuer does not answer at ${url}: is SMOKE_ISSUER right?`, { cause })
  })
  const body: unknown = await answer.json().catch(() => undefined)
  const parsed = schema.safeParse(body)
  if (parsed.success) return parsed.data
  // Nothing else of it, which may be a token.
  const { error = 'which is not what was asked for', error_description: why = '' } = Refused.safeParse(body).data ?? {}
  throw new InputError(`the issuer answers ${answer.status} at ${url}: ${[error, why].join(' ').trim().slice(0, 500)}`)
}
