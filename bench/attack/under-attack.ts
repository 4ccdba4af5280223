import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { withCleanUp } from '../clean-up.ts'
import { openEdge } from '../edge.ts'
import { type Ground, type LogName, layGround } from '../ground.ts'
import { machineName } from '../machine.ts'
import { runPaced } from '../paced.ts'
import { openAccounts, paymentAt } from '../payments.ts'
import { startFloor } from '../processes.ts'
import { type Measure, pause, tableOf } from '../report.ts'
import { startGateway, startProjection, startQueries, startWriteSide } from '../services.ts'
import { attacks } from './attacks.ts'

/** A customer who pays now and then, so that the machine is not full of payments. */
const PACE_PER_SECOND = 20
/** So that the attack has what it can get. */
const BEGUN_MS = 1_500
const DEFAULT_LIMITS = { RATE_LIMIT_PER_SECOND: '2000', ADDRESS_LIMIT_PER_SECOND: '500' }

export type AttackArguments = {
  readonly kind: 'attack'
  readonly logs: readonly LogName[]
  readonly seconds: number
}

/**
 * How long a payment of one customer takes while another one attacks, one attack after the other, and how long at
 * rest: with certificates, Redis and the limits that a gateway has by default.
 */
export async function measureAttacks({ logs, seconds }: AttackArguments): Promise<void> {
  console.log(`# ${new Date().toISOString().slice(0, 10)}, ${machineName()}\n`)
  for (const log of logs) {
    await withCleanUp(async (defer) => {
      const ground = await layGround(log)
      defer(() => ground.stop())
      const edge = await openEdge(ground.directory, defer)
      const measures = await measureOn({ ...ground, edge: withLimits(edge) }, seconds, defer)
      const title = `Another customer's payments, ${PACE_PER_SECOND} a second, on ${log}`
      console.log(`${tableOf({ title, measures })}\n`)
    })
  }
}

type Defer = Parameters<Parameters<typeof withCleanUp>[0]>[0]
type Edge = NonNullable<Ground['edge']>

function withLimits(edge: Edge): Edge {
  return {
    environmentOf: async (service) => ({
      ...(await edge.environmentOf(service)),
      ...(service === 'gateway' ? DEFAULT_LIMITS : {}),
    }),
  }
}

async function measureOn(ground: Ground, seconds: number, defer: Defer): Promise<readonly Measure[]> {
  const [olga, ada] = [await ground.token('olga'), await ground.token('ada')]
  const floor = await startFloor()
  defer(() => floor.stop())
  const writeSide = await startWriteSide(ground)
  defer(() => writeSide.stop())
  const projection = await startProjection(ground, 'accounts')
  defer(() => projection.stop())
  const accounts = await startQueries(ground, 'accounts')
  defer(() => accounts.stop())
  const gateway = await startGateway(ground, writeSide.url, { ACCOUNTS_URL: accounts.url })
  defer(() => gateway.stop())
  await openAccounts(gateway.url, olga)
  const pay = async (name: string, url = gateway.url): Promise<Measure> => {
    const request = paymentAt(olga, false)
    const load = { url: `${url}/v1/payments`, durationSeconds: seconds, perSecond: PACE_PER_SECOND, request }
    const { answered, p50Ms, p99Ms, failed } = await runPaced(load)
    return { name, figure: failed > 0 ? `${answered} paid, ${failed} FAILED` : `${answered} paid`, p50Ms, p99Ms }
  }
  await pay('warming up')
  const measures = [await pay('floor: constant POST', floor.url), await pay('at rest')]
  for (const { name } of attacks) {
    const attacker = fork(fileURLToPath(new URL('attacker.ts', import.meta.url)))
    defer(async () => attacker.kill())
    attacker.send({ name, url: gateway.url, token: ada })
    await pause(BEGUN_MS)
    measures.push(await pay(name))
    process.stderr.write(`${name}: done\n`)
    const ended = once(attacker, 'exit')
    attacker.kill()
    await ended
    await pause(BEGUN_MS)
  }
  return [...measures, await pay('at rest, after all of them')]
}
