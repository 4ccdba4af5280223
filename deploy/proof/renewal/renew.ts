import { developmentSecret } from '@micropay/local/issuer/personas'
import { systemClock } from '@micropay/runtime/clock'
import { clientCredentials } from '@micropay/sdk/access-token'
import { textIn, valueIn } from '../torture/ask.ts'
import { untilAnswers } from '../torture/product.ts'
import type { Service } from '../torture/service.ts'
import { partitionsAt } from '../torture/workers-say.ts'
import { createBalancer } from './balancer.ts'
import { type Callers, openAccounts, type Seen, startCallers, type Tokens } from './callers.ts'
import { PARTITIONS, type Site, type SiteService, startSite } from './site.ts'

/** What callers saw while one thing was done. */
export type Step = Seen & { readonly what: StepKind; readonly of: string; readonly tookMs: number }
export type StepKind =
  | 'rest'
  | 'hand-over'
  | 'worker joins'
  | 'read service renewed'
  | 'gateway renewed'
  | 'takeover'
  | 'new ones are taken'
  | 'new ones are used'
  | 'old ones are gone'

export type RenewalOptions = {
  readonly directory: string
  /** How often all is renewed. */
  readonly rounds: number
  /** The workers alone, for how long a hand-over and a takeover take. */
  readonly workersAlone: boolean
  say(text: string): void
}

const endsWithinMs = 15_000
const restMs = 3_000
/** How long callers go on, so that what waited is told of the step that made it wait. */
const tailMs = 1_500

/** Renews every process of a site under load, one after the other, and kills a worker at the end of each round. */
export async function renewAll({ directory, rounds, workersAlone, say }: RenewalOptions): Promise<readonly Step[]> {
  const site = await startSite(directory, 2)
  try {
    const balancer = createBalancer(site.gateways.map(({ url }) => url))
    const tokens = tokensOf(site.issuerUrl)
    await openAccounts(balancer, tokens)
    await untilShared(site, tokens)
    const callers = startCallers(balancer, tokens)
    const steps: Step[] = []
    const step = stepping(callers, steps, say)
    try {
      await systemClock.sleep(tailMs)
      callers.take()
      await step('rest', 'nobody', () => systemClock.sleep(restMs))
      for (let round = 0; round < rounds; round += 1) {
        const others = workersAlone ? [] : [...site.readServices, ...site.gateways]
        for (const worker of site.workers) await renewWorker(worker, site, tokens, step)
        for (const one of others) await renew(one, site.gateways.includes(one) ? 'gateway renewed' : undefined, step)
        const [first] = site.workers
        if (first) await killWorker(first, site, tokens, step)
      }
    } finally {
      await callers.stop()
    }
    return steps
  } finally {
    await site.stop()
  }
}

export type Stepping = (what: StepKind, of: string, act: () => Promise<unknown>) => Promise<void>

export function stepping(callers: Callers, steps: Step[], say: (text: string) => void): Stepping {
  return async (what, of, act) => {
    const startedAtMs = systemClock.monotonicMs()
    await act()
    const tookMs = Math.round(systemClock.monotonicMs() - startedAtMs)
    await systemClock.sleep(tailMs)
    const step = { what, of, tookMs, ...callers.take() }
    steps.push(step)
    const slowest = `${Math.round(step.slowestCommandMs)} and ${Math.round(step.slowestReadMs)} ms`
    say(`  ${what} of ${of}, ${tookMs} ms: ${step.answers} answers, ${step.askedAgain} asked again, slowest ${slowest}`)
    for (const failure of step.failed) say(`  FAILED ${failure}`)
  }
}

async function renewWorker(worker: Service, site: Site, tokens: Tokens, step: Stepping): Promise<void> {
  await step('hand-over', worker.name, async () => {
    const { how } = await worker.terminate(endsWithinMs)
    if (how !== 'exit code 0') throw new Error(`${worker.name} on SIGTERM: ${how}`)
  })
  await step('worker joins', worker.name, async () => {
    worker.start()
    await untilShared(site, tokens)
  })
}

async function killWorker(worker: Service, site: Site, tokens: Tokens, step: Stepping): Promise<void> {
  await step('takeover', worker.name, async () => {
    await worker.kill()
    await untilShared(site, tokens, 1)
  })
  await step('worker joins', worker.name, async () => {
    worker.start()
    await untilShared(site, tokens)
  })
}

async function renew(one: SiteService, what: StepKind = 'read service renewed', step: Stepping): Promise<void> {
  await step(what, one.name, async () => {
    const { how } = await one.terminate(endsWithinMs)
    if (how !== 'exit code 0') throw new Error(`${one.name} on SIGTERM: ${how}`)
    one.start()
    await untilAnswers(one.readyUrl)
  })
}

const sharedWithinMs = 180_000

/** Until so many workers serve all partitions, as many each. */
export async function untilShared({ workers, gateways }: Site, tokens: Tokens, count = workers.length): Promise<void> {
  const endsAtMs = systemClock.monotonicMs() + sharedWithinMs
  const [asked] = gateways
  for (;;) {
    const items = await partitionsAt(asked?.url ?? '', `Bearer ${await tokens.operator()}`, 3).catch(() => [])
    const serving = items.filter((item) => textIn(item, 'phase') === 'serving')
    const shares = [...Map.groupBy(serving, (item) => valueIn(item, 'worker')).values()].map(({ length }) => length)
    if (serving.length === PARTITIONS && shares.length === count) return
    if (systemClock.monotonicMs() > endsAtMs) throw new Error(`partitions are shared ${shares.join(' and ')}`)
    await systemClock.sleep(20)
  }
}

export function tokensOf(issuerUrl: string): Tokens {
  const of = (id: string) => clientCredentials(issuerUrl, { id, secret: developmentSecret })
  return { operator: of('olga'), finance: of('fiona'), auditor: of('vera') }
}
