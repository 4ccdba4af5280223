import { textIn, valueIn } from '../torture/ask.ts'
import type { Asked, Balancer } from './balancer.ts'
import { currency, ids, type Noted, type Other, type Tokens } from './callers.ts'
import { type SignedIn, signIn } from './signed-in.ts'

/** Callers who come back with what was made by a key: a session, a place in a list, a command of before. */
export type WhoRemembers = {
  readonly acts: readonly Other[]
  /** Signs in anew, as everybody does within 12 hours. */
  signInAnew(): Promise<void>
  /** Sends a payment of before everything again, which must be the same one. */
  repeatFirst(): Promise<void>
}

export async function whoRemembers(gateway: string, balancer: Balancer, tokens: Tokens): Promise<WhoRemembers> {
  let session: SignedIn = await signIn(gateway)
  const [[from = '', to = ''] = []] = ids
  let number = 0
  const payment = (headers: Readonly<Record<string, string>>): Asked => {
    number += 1
    const body = { postings: [{ from, to, amount: '1', currency }] }
    const key = { 'idempotency-key': `remembered:${process.pid}:${number}` }
    return { method: 'POST', path: '/v1/payments', headers: { ...headers, ...key }, body }
  }
  const asOperator = async () => ({ authorization: `Bearer ${await tokens.operator()}` })
  const bySession: Other = async (ask) => {
    const mine = session
    for (const asked of [payment(mine.headers()), balance(from, mine)]) mine.take((await ask(asked)).setCookies)
  }
  const twice: Other = async (ask) => {
    const asked = payment(await asOperator())
    const first = await ask(asked)
    const again = await ask(asked)
    if (again.status === 201) same(textIn(first.body, 'paymentId'), again)
  }
  const first = payment(await asOperator())
  const { body } = await balancer.ask(first)
  return {
    acts: [bySession, twice, async (ask) => turnPages(ask, await asOperator())],
    signInAnew: async () => {
      session = await signIn(gateway)
    },
    async repeatFirst() {
      same(
        textIn(body, 'paymentId'),
        await balancer.ask({ ...first, headers: { ...first.headers, ...(await asOperator()) } }),
      )
    },
  }
}

function balance(account: string, session: SignedIn): Asked {
  return { method: 'GET', path: `/v1/accounts/${encodeURIComponent(account)}`, headers: session.headers() }
}

function same(paymentId: string | undefined, again: Awaited<ReturnType<Noted>>): void {
  if (paymentId !== undefined && again.isReplayed && textIn(again.body, 'paymentId') === paymentId) return
  throw new Error(`a payment that was sent again is another: ${again.status} ${JSON.stringify(again.body)}`)
}

const pages = 3

async function turnPages(ask: Noted, headers: Readonly<Record<string, string>>): Promise<void> {
  let next = ''
  for (let page = 0; page < pages; page += 1) {
    const { body } = await ask({ method: 'GET', path: `/v1/payments?limit=2${next}`, headers })
    const cursor = valueIn(body, 'next')
    if (typeof cursor !== 'string') return
    next = `&cursor=${encodeURIComponent(cursor)}`
  }
}
