import { randomUUID } from 'node:crypto'
import { type WithCpu, withCpu } from './cpu/with-cpu.ts'
import { type LoadResult, runLoad } from './load.ts'
import type { Service } from './processes.ts'
import type { Measure } from './report.ts'

/** Accounts `bench:0` and so on, that payments go between. */
export const ACCOUNTS = 1_000

/** What is measured: the floor, the write side, the gateway, the processes of the stores, and a token that may book. */
export type Bench = {
  readonly floor: Service
  readonly writeSide: Service
  readonly gateway: Service
  readonly stores: Readonly<Record<string, number>>
  readonly token: string
}

/**
 * Single payments at each number of connections, spread over all accounts and all on one hot account, straight to the
 * write side and through the gateway; each beside a bare Fastify route that answers a constant to the same POST, at
 * as many connections.
 */
export async function benchPayments(
  bench: Bench,
  durationSeconds: number,
  connections: readonly number[],
): Promise<Measure[]> {
  const measures: Measure[] = []
  const { floor, writeSide, gateway, stores, token } = bench
  for (const count of connections) {
    const load = ({ url }: Service, hot: boolean, seconds = durationSeconds) =>
      runLoad({
        url: `${url}/v1/payments`,
        connections: count,
        durationSeconds: seconds,
        request: paymentAt(token, hot),
      })
    for (const target of [floor, writeSide, gateway]) await load(target, false, WARM_UP_SECONDS)
    const atFloor = await withCpu({ floor: floor.pid }, () => load(floor, false))
    const at = count === 1 ? '1 connection' : `${count} connections`
    const measured = async (name: string, target: Service, hot: boolean) => {
      const processes = {
        ...(target === gateway ? { gateway: gateway.pid } : {}),
        'write-side': writeSide.pid,
        ...stores,
      }
      measures.push(measureOf(`${name}, ${at}`, await withCpu(processes, () => load(target, hot)), atFloor))
    }
    measures.push(measureOf(`floor: constant POST, ${at}`, atFloor, atFloor))
    await measured('payments, uniform', writeSide, false)
    await measured('payments, one hot account', writeSide, true)
    await measured('payments through the gateway, uniform', gateway, false)
    await measured('payments through the gateway, one hot account', gateway, true)
  }
  return measures
}

const WARM_UP_SECONDS = 2

function measureOf(name: string, result: LoadResult & WithCpu, floor: LoadResult): Measure {
  if (result.failed > 0) throw new Error(`${name}: ${result.failed} requests failed, so the figure means nothing`)
  const { perSecond, p50Ms, p99Ms, cpuMicros } = result
  return { name, perSecond, ofFloor: perSecond / floor.perSecond, floor: 'constant POST', p50Ms, p99Ms, cpuMicros }
}

export type Posting = {
  readonly from: string
  readonly to: string
  readonly amount: string
  readonly currency: string
}

/** Payments with random idempotency keys, as clients send them: those that rise would spare the state its work. */
export function paymentAt(token: string, hot: boolean) {
  return paymentOf(token, (index) => postingAt(index, hot))
}

export function paymentOf(token: string, posting: (index: number) => Posting) {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
  return (index: number) => ({
    body: JSON.stringify({ postings: [posting(index)], reference: `invoice ${index}` }),
    headers: { ...headers, 'idempotency-key': randomUUID() },
  })
}

/** Spread over all accounts, or all out of one and into one other. */
export function postingAt(index: number, hot: boolean): Posting {
  const from = hot ? 0 : (index * 7919) % ACCOUNTS
  const to = hot ? 1 : (from + 1 + (index % 97)) % ACCOUNTS
  return { from: `bench:${from}`, to: `bench:${to}`, amount: '100', currency: 'EUR' }
}

/** Opens the accounts, in EUR and without a limit, and a bank's account in `bench:bank`. */
export async function openAccounts(url: string, token: string): Promise<void> {
  await openAccount(url, token, 'bench:bank', 'external')
  for (let start = 0; start < ACCOUNTS; start += 100) {
    const some = Array.from({ length: Math.min(100, ACCOUNTS - start) }, (_, index) =>
      openAccount(url, token, `bench:${start + index}`, 'customer'),
    )
    await Promise.all(some)
  }
}

async function openAccount(url: string, token: string, accountId: string, type: string): Promise<void> {
  const answer = await fetch(`${url}/v1/accounts`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, 'idempotency-key': accountId },
    body: JSON.stringify({
      accountId,
      type,
      currency: 'EUR',
      owner: 'customer:bench',
      overdraftLimit: 'unlimited',
    }),
  })
  if (answer.status !== 201) throw new Error(`opening ${accountId}: ${answer.status} ${await answer.text()}`)
}
