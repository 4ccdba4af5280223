import { developmentSecret } from '@micropay/local/issuer/personas'
import type { Running } from '@micropay/local/running'
import { clientCredentials } from '@micropay/sdk/access-token'
import { Agent, request } from 'undici'

type Asked = {
  readonly persona: string
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly body?: string
  readonly key?: string
}

const AT_A_TIME = 16
const ANSWERED_WITHIN_MS = 60_000

/**
 * So many requests of the personas at the gateway: reads and payments that are good, and such as are refused for each
 * reason that a caller can give. `at(done)` is told after each. Resolves with how often each status was answered, 0
 * where there was no answer.
 */
export async function makeTraffic(
  running: Running,
  count: number,
  at: (done: number) => void = () => undefined,
): Promise<ReadonlyMap<number, number>> {
  const agent = new Agent({
    connections: AT_A_TIME,
    bodyTimeout: ANSWERED_WITHIN_MS,
    headersTimeout: ANSWERED_WITHIN_MS,
  })
  const tokens = new Map(
    ['ada', 'ben', 'fiona', 'vera', 'sam', 'olga'].map((id) => {
      return [id, clientCredentials(running.issuer, { id, secret: developmentSecret })]
    }),
  )
  const answered = new Map<number, number>()
  let next = 0
  let done = 0
  async function askOnAndOn(): Promise<void> {
    while (next < count) {
      const number = next
      next += 1
      const status = await ask(kinds[number % kinds.length]?.(number)).catch(() => 0)
      answered.set(status, (answered.get(status) ?? 0) + 1)
      done += 1
      at(done)
    }
  }
  async function ask(asked: Asked | undefined): Promise<number> {
    if (asked === undefined) return 0
    const { persona, method, path, body, key } = asked
    const token = await tokens.get(persona)?.()
    const answer = await request(`${running.url}${path}`, {
      ...{ method, dispatcher: agent, body: body ?? null },
      headers: {
        authorization: persona === 'nobody' ? 'Bearer no.token.atall' : `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(key === undefined ? {} : { 'idempotency-key': key }),
      },
    })
    await answer.body.dump()
    return answer.statusCode
  }
  try {
    await Promise.all(Array.from({ length: AT_A_TIME }, askOnAndOn))
  } finally {
    await agent.close()
  }
  return answered
}

const read = (persona: string, path: string) => (): Asked => ({ persona, method: 'GET', path })
const pay =
  (persona: string, posting: object) =>
  (number: number): Asked => ({
    ...{ persona, method: 'POST', path: '/v1/payments' },
    body: JSON.stringify({ postings: [posting] }),
    key: `traffic-${number}`,
  })

const kinds: readonly ((number: number) => Asked)[] = [
  pay('olga', { from: 'cash:eur', to: 'ada:main', amount: '1', currency: 'EUR' }),
  read('ada', '/v1/accounts'),
  read('ada', '/v1/accounts/ada:main'),
  read('fiona', '/v1/trial-balance'),
  read('sam', '/v1/projections'),
  read('vera', '/v1/audit/verifications'),
  read('sam', '/v1/workers'),
  // Somebody else's, one that is not there, one of another role, no token, too much, and what nobody offers.
  read('ben', '/v1/accounts/ada:main'),
  read('ada', '/v1/accounts/nobody:here'),
  read('ada', '/v1/projections'),
  read('nobody', '/v1/accounts'),
  pay('ada', { from: 'ada:main', to: 'ben:main', amount: '99999999', currency: 'EUR' }),
  pay('ada', { from: 'ada:main', to: 'ben:main', amount: 'much', currency: 'EUR' }),
  read('ada', '/v1/no/such/thing'),
]
