import { type Clock, systemClock } from '@micropay/runtime/clock'
import { request } from 'undici'
import { z } from 'zod'
import { InputError } from './input-error.ts'

export type TokenClient = { readonly id: string; readonly secret: string }

const TokenAnswer = z.object({ access_token: z.string(), expires_in: z.number() })
const TokenRefusal = z.object({ error: z.string(), error_description: z.string().optional() })
const renewBeforeMs = 60_000

/** Access tokens by OAuth's client_credentials grant, renewed a minute before they end. */
export function clientCredentials(
  issuer: string,
  client: TokenClient,
  clock: Clock = systemClock,
): () => Promise<string> {
  let current: Promise<{ token: string; endsAtMs: number }> | undefined
  return async () => {
    const known = await current?.catch(() => undefined)
    if (known && known.endsAtMs > clock.monotonicMs()) return known.token
    current = ask(issuer, client, clock)
    return (await current).token
  }
}

async function ask(issuer: string, client: TokenClient, clock: Clock): Promise<{ token: string; endsAtMs: number }> {
  const form = { grant_type: 'client_credentials', client_id: client.id, client_secret: client.secret }
  const answer = await request(`${issuer.replace(/\/$/, '')}/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(form).toString(),
  }).catch((cause: unknown) => {
    throw new InputError(`the issuer ${issuer} does not answer: is "npx pnpm@12 start" running?`, { cause })
  })
  const body: unknown = await answer.body.json().catch(() => undefined)
  const granted = TokenAnswer.safeParse(body).data
  if (!granted) {
    const refusal = TokenRefusal.safeParse(body).data
    const reason = refusal ? (refusal.error_description ?? refusal.error) : `status ${answer.statusCode}`
    throw new InputError(`the issuer gives no token to ${client.id}: ${reason}`)
  }
  return {
    token: granted.access_token,
    endsAtMs: clock.monotonicMs() + Math.max(granted.expires_in * 1000 - renewBeforeMs, 0),
  }
}
