import { systemClock } from '@micropay/runtime/clock'
import { partitionOf } from '@micropay/schemas/placement'
import type { Answered, Asked, Balancer } from './balancer.ts'
import { PARTITIONS } from './site.ts'

/** What callers saw since somebody last asked. */
export type Seen = {
  readonly answers: number
  /** Of commands, and of reads: the longest that one of them waited for its answer. */
  readonly slowestCommandMs: number
  readonly slowestReadMs: number
  readonly askedAgain: number
  /** Answers other than success, in words. */
  readonly failed: readonly string[]
}
export type Callers = {
  /** What was seen since the last time, of requests that have been answered by now. */
  take(): Seen
  stop(): Promise<void>
}
/** Asks, and lets what comes of it be seen. */
export type Noted = (asked: Asked) => Promise<Answered>
/** What another one does again and again. Throws what makes its answers wrong though they are successes. */
export type Other = (ask: Noted) => Promise<unknown>
export type Tokens = Readonly<Record<'operator' | 'finance' | 'auditor', () => Promise<string>>>

export const currency = 'EUR'
/** Two accounts on each partition. */
export const ids = Array.from({ length: PARTITIONS }, (_, partition) => [
  idOn(partition, 'one'),
  idOn(partition, 'other'),
])

function idOn(partition: number, name: string): string {
  for (let tag = 0; ; tag += 1) if (partitionOf(`{${tag}}${name}`, PARTITIONS) === partition) return `{${tag}}${name}`
}

/** Opens two accounts on each partition, which may go below zero. Throws where one is not opened. */
export async function openAccounts(balancer: Balancer, { operator }: Tokens): Promise<void> {
  for (const accountId of ids.flat()) {
    const headers = { authorization: `Bearer ${await operator()}`, 'idempotency-key': `open ${accountId}` }
    const body = { accountId, type: 'customer', currency, owner: 'customer:ada', overdraftLimit: 'unlimited' }
    headers['idempotency-key'] = headers['idempotency-key'].replaceAll(' ', ':')
    const { status, body: told } = await balancer.ask({ method: 'POST', path: '/v1/accounts', headers, body })
    if (status !== 201) throw new Error(`${accountId} was not opened: ${status} ${JSON.stringify(told)}`)
  }
}

const pauseMs = 30

/**
 * Those who pay inside each partition and between them, who read what they have just written, and who read books and
 * evidence: all the time, each with one request at once.
 */
export function startCallers(balancer: Balancer, tokens: Tokens, others: readonly Other[] = []): Callers {
  const stopping = new AbortController()
  let seen = nothing()
  let number = 0
  const note = (asked: Asked, answered: Answered) => {
    const isCommand = asked.method === 'POST'
    seen.answers += 1
    seen.askedAgain += answered.askedAgain
    if (isCommand) seen.slowestCommandMs = Math.max(seen.slowestCommandMs, answered.tookMs)
    else seen.slowestReadMs = Math.max(seen.slowestReadMs, answered.tookMs)
    if (answered.status >= 200 && answered.status < 300) return
    const told = JSON.stringify(answered.body).slice(0, 200)
    seen.failed.push(`${asked.method} ${asked.path}: ${answered.status} ${told}`)
  }
  const ask = async (asked: Omit<Asked, 'headers'>, who: keyof Tokens, more: Record<string, string> = {}) => {
    const whole = { ...asked, headers: { authorization: `Bearer ${await tokens[who]()}`, ...more } }
    const answered = await balancer.ask(whole)
    note(whole, answered)
    return answered
  }
  const pay = (from = '', to = '') => {
    number += 1
    const body = { postings: [{ from, to, amount: '1', currency }] }
    const key = { 'idempotency-key': `pay:${process.pid}:${number}` }
    return ask({ method: 'POST', path: '/v1/payments', body }, 'operator', key)
  }
  const read = (path: string, who: keyof Tokens, more?: Record<string, string>) =>
    ask({ method: 'GET', path }, who, more)
  const across = async (turn: number) => {
    const [from, to] = [ids[turn % PARTITIONS]?.[0], ids[(turn + 3) % PARTITIONS]?.[1]]
    const { position } = await pay(from, to)
    if (position === undefined) return
    await read(`/v1/accounts/${encodeURIComponent(from ?? '')}`, 'operator', {
      'at-least': position,
      prefer: 'wait=10',
    })
  }
  const each = [
    ...ids.map(
      ([one, other]) =>
        () =>
          pay(one, other),
    ),
    ...[across, across],
    () => read('/v1/trial-balance', 'finance'),
    () => read('/v1/payments?limit=5', 'operator'),
    () => read(`/v1/audit/accounts/${encodeURIComponent(ids[0]?.[0] ?? '')}/replay?limit=5`, 'auditor'),
  ]
  const noted: Noted = async (asked) => {
    const answered = await balancer.ask(asked)
    note(asked, answered)
    return answered
  }
  const running = [...each, ...others.map((other) => () => other(noted))].map(async (act) => {
    for (let turn = 0; await systemClock.sleep(pauseMs, stopping.signal); turn += 1) {
      await act(turn).catch((error: unknown) => seen.failed.push(String(error)))
    }
  })
  return {
    take() {
      const taken = seen
      seen = nothing()
      return taken
    },
    stop: async () => {
      stopping.abort()
      await Promise.all(running)
    },
  }
}

function nothing() {
  return { answers: 0, slowestCommandMs: 0, slowestReadMs: 0, askedAgain: 0, failed: [] as string[] }
}
