import { systemClock } from '@micropay/runtime/clock'
import type { Asked, Balancer } from '../renewal/balancer.ts'
import { currency, ids, type Tokens } from '../renewal/callers.ts'
import { PARTITIONS } from '../renewal/site.ts'

/** What people do, once for each partition, and see of it. */
export type Probe = {
  /**
   * Throws an Error where something is not answered as it should be, or not seen, within a minute. `by` is of other
   * gateways than usual.
   */
  ask(when: string, by?: Balancer): Promise<void>
  /** How many payments were made, each of one minor unit. */
  made(): number
}

const withinMs = 60_000

/**
 * Pays inside each partition and between them, gives the same command a second time, and looks at what each read
 * service says as of the last of these payments.
 */
export function startProbe(usual: Balancer, tokens: Tokens): Probe {
  let number = 0
  let balancer = usual
  const sent = new Map<string, number>()

  async function answered(asked: Omit<Asked, 'headers'>, who: keyof Tokens, more: Record<string, string> = {}) {
    const endsAtMs = systemClock.monotonicMs() + withinMs
    for (;;) {
      const headers = { authorization: `Bearer ${await tokens[who]()}`, ...more }
      const answer = await balancer.ask({ ...asked, headers })
      if (answer.status >= 200 && answer.status < 300 && answer.status !== 202) return answer
      // What is away for a moment is asked again with the same key, as every client does.
      const isPassing = [0, 202, 429, 502, 503, 504].includes(answer.status)
      if (!isPassing || systemClock.monotonicMs() > endsAtMs) {
        throw new Error(`${asked.method} ${asked.path}: ${answer.status} ${JSON.stringify(answer.body)}`)
      }
      await systemClock.sleep(200)
    }
  }

  async function pay(from = '', to = ''): Promise<string> {
    number += 1
    const body = { postings: [{ from, to, amount: '1', currency }] }
    const key = { 'idempotency-key': `skew:${number}`, prefer: 'wait=20' }
    const asked = { method: 'POST' as const, path: '/v1/payments', body }
    const first = await answered(asked, 'operator', key)
    sent.set(from, (sent.get(from) ?? 0) + 1)
    sent.set(to, (sent.get(to) ?? 0) - 1)
    const again = await answered(asked, 'operator', key)
    if (!again.isReplayed) throw new Error(`payment ${number} was made twice`)
    return first.position ?? ''
  }

  async function look(account: string, position: string): Promise<void> {
    const as = { 'at-least': position, prefer: 'wait=10' }
    const id = encodeURIComponent(account)
    const { body } = await answered({ method: 'GET', path: `/v1/accounts/${id}` }, 'operator', as)
    const expected = String(-(sent.get(account) ?? 0))
    const shown = body instanceof Object && 'balance' in body ? body.balance : undefined
    const balance = shown instanceof Object && 'amount' in shown ? shown.amount : shown
    if (balance !== expected) throw new Error(`${account} has ${JSON.stringify(shown)} and not ${expected}`)
    await answered({ method: 'GET', path: '/v1/trial-balance' }, 'finance', as)
    await answered({ method: 'GET', path: `/v1/audit/accounts/${id}/replay?limit=5` }, 'auditor', as)
  }

  return {
    made: () => number,
    async ask(when, by = usual) {
      balancer = by
      try {
        for (let partition = 0; partition < PARTITIONS; partition += 1) {
          const [one = '', other = ''] = ids[partition] ?? []
          await pay(one, other)
          const position = await pay(one, ids[(partition + 3) % PARTITIONS]?.[1])
          await look(one, position)
        }
      } catch (cause) {
        throw new Error(`${when}: ${cause instanceof Error ? cause.message : cause}`, { cause })
      }
    },
  }
}
