import { systemClock } from '@micropay/runtime/clock'
import { textIn } from './ask.ts'
import type { FaultDeed } from './draw-faults.ts'
import type { Injected } from './injected.ts'
import type { Scene } from './scene.ts'
import { restoreHistory, spoilHistory } from './spoil-history.ts'

const endsWithinMs = 15_000
/** What was on its way when history changed may still be answered. */
const settlesWithinMs = 2_000

/**
 * Takes away, or changes, what was acknowledged. From then on nobody may acknowledge anything, and somebody must say
 * why; healed by putting it back, and starting again whoever had stopped.
 */
export async function injectHistory(
  scene: Scene,
  how: Extract<FaultDeed, { kind: 'history' }>['how'],
  records: number,
): Promise<Injected> {
  const { product, successes } = scene
  const { a, b, p1, p2 } = product.services
  // Half of them meet it while they run.
  const isRestarted = how !== 'truncated' || records % 2 === 0
  if (isRestarted) await Promise.all([a, b, p1, p2].map((service) => service.terminate(endsWithinMs)))
  const url = product.databaseUrl('log')
  const taken = await spoilHistory(url, how, records)
  if (isRestarted) for (const service of [a, b, p1, p2]) service.start()
  await systemClock.sleep(settlesWithinMs)
  const settledAtMs = systemClock.monotonicMs()
  return {
    note: `${taken.records.length} records from offset ${taken.fromOffset}${isRestarted ? ', before a start' : ''}`,
    heal: async () => {
      const wrong: string[] = []
      const served = successes.firstSince(settledAtMs)
      if (served) wrong.push(`${served.worker} acknowledged ${served.position} on a log that was ${how}`)
      if (!(await saysStopped(scene))) wrong.push(`no worker says that it has stopped, though the log was ${how}`)
      // The workers first, so that none appends while it is put back.
      await Promise.all([a, b, p1, p2].map((service) => service.kill()))
      await restoreHistory(url, taken)
      for (const service of [a, b, p1, p2]) service.start()
      return wrong
    },
  }
}

async function saysStopped({ product: { services } }: Scene): Promise<boolean> {
  for (const { url } of [services.a, services.b]) {
    const reason = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(2_000) }).then(
      async (answer) => textIn(await answer.json(), 'reason'),
      () => undefined,
    )
    if (reason?.includes('stopped')) return true
  }
  return false
}
