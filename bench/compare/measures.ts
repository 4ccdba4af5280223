import type { MeasureName } from '../arguments.ts'
import { BATCH, sendBatches } from '../batches.ts'
import { type WithCpu, withCpu } from '../cpu/with-cpu.ts'
import type { Ground } from '../ground.ts'
import { runLoad } from '../load.ts'
import { paymentAt } from '../payments.ts'
import type { Service } from '../processes.ts'

/** The services of one side, as they run. */
export type Side = {
  readonly ground: Ground
  readonly writeSide: Service
  readonly gateway: Service
  readonly token: string
}

/** What a round of one side came to. */
export type Sample = WithCpu & {
  readonly answered: number
  readonly perSecond: number
  readonly p50Ms?: number
  readonly p99Ms?: number
}

type Load = { readonly seconds: number; readonly connections: number }

export const titleOf: Readonly<Record<MeasureName, string>> = {
  payments: 'payments, straight',
  gateway: 'payments, through the gateway',
  batches: `batches of ${BATCH.toLocaleString('en')}`,
}

/** Measures one thing on one side for a round; throws when a request fails, since its figure would mean nothing. */
export async function measureSide(name: MeasureName, side: Side, load: Load): Promise<Sample> {
  const { ground, writeSide, gateway, token } = side
  const target = name === 'gateway' ? gateway : writeSide
  const processes = { ...(name === 'gateway' ? { gateway: gateway.pid } : {}), 'write-side': writeSide.pid }
  return withCpu({ ...processes, ...ground.stores() }, () =>
    name === 'batches' ? sendBatches({ url: target.url, token }, load.seconds) : sendPayments(target.url, token, load),
  )
}

/** Payments one by one, spread over all accounts; the floor takes the same. */
export async function sendPayments(url: string, token: string, { seconds, connections }: Load) {
  const { failed, ...result } = await runLoad({
    url: `${url}/v1/payments`,
    connections,
    durationSeconds: seconds,
    request: paymentAt(token, false),
  })
  if (failed > 0) throw new Error(`${failed} requests failed`)
  return result
}
