import { systemClock } from '@micropay/runtime/clock'
import { textIn } from './ask.ts'
import type { FaultDeed } from './draw-faults.ts'
import type { Injected } from './injected.ts'
import { otherThan, type Scene } from './scene.ts'
import type { Service } from './service.ts'
import { brokersOlder, type Spoiled } from './spoil-brokers.ts'
import { restoreHistory, spoilHistory } from './spoil-history.ts'
import { until } from './until.ts'

const endsWithinMs = 15_000
/** What was on its way when history changed may still be answered. */
const settlesWithinMs = 2_000
/** A process that starts meets it within this time. */
const noticedWithinMs = 30_000

type How = Extract<FaultDeed, { kind: 'history' }>['how']

/**
 * Takes away, or changes, what was acknowledged. From then on nobody may acknowledge anything, and somebody must say
 * why; healed by putting it back, and starting again whoever had stopped.
 */
export async function injectHistory(scene: Scene, how: How, records: number): Promise<Injected> {
  const { product } = scene
  // Half of them meet it while they run.
  const isRestarted = how !== 'truncated' || records % 2 === 0
  const { a, b, p1, p2 } = product.services
  const spoiled = product.kafka
    ? await brokersOlder(scene, records)
    : await spoilRecords(scene, how, records, isRestarted)
  await systemClock.sleep(settlesWithinMs)
  const settledAtMs = systemClock.monotonicMs()
  // Who was as far as the record that was changed has it before its eyes, and who was further has not.
  const isSeen = how !== 'changed' || records === 1
  return {
    note: spoiled.note,
    heal: async () => {
      const wrong: string[] = []
      const said = isSeen ? await whyNotStopped(scene) : undefined
      if (said !== undefined) wrong.push(`no worker says that it has stopped, though the log was ${how}: ${said}`)
      const served = scene.successes.firstSince(settledAtMs, undefined, 0)
      if (isSeen && served) wrong.push(`${served.worker} acknowledged ${served.position} on a log that was ${how}`)
      // First those who might append while it is put back.
      await Promise.all([a, b, p1, p2].map((service) => service.kill()))
      await spoiled.restore()
      for (const service of [a, b, p1, p2]) service.start()
      return wrong
    },
  }
}

/** How long those who follow the log take at most to have all that an owner left. */
const followWithinMs = 1_500

/**
 * Stops all who append and follow, and answers those that have all of it on their disks. A standby may lack what was
 * acknowledged last, and could not know what was taken away: it comes back when that is put right.
 */
async function stopKnowing({ product: { services }, serving, successes }: Scene): Promise<readonly Service[]> {
  await services[otherThan(serving)].kill()
  // Of several partitions the other one may have had the first, which alone is changed.
  const killedAtMs = systemClock.monotonicMs()
  await until(() => successes.firstSince(killedAtMs, [serving], 0) !== undefined, noticedWithinMs)
  await services[serving].terminate(endsWithinMs)
  await systemClock.sleep(followWithinMs)
  const projections = [services.p1, services.p2]
  await Promise.all(projections.map((projection) => projection.terminate(endsWithinMs)))
  return [services[serving], ...projections]
}

async function spoilRecords(scene: Scene, how: How, records: number, isRestarted: boolean): Promise<Spoiled> {
  const { product } = scene
  const restarted = isRestarted ? await stopKnowing(scene) : []
  const url = product.databaseUrl('log')
  const taken = await spoilHistory(url, how, records)
  for (const service of restarted) service.start()
  return {
    note: `${taken.records.length} records from offset ${taken.fromOffset}${isRestarted ? ', before a start' : ''}`,
    restore: () => restoreHistory(url, taken),
  }
}

/** Undefined once a worker says that it has stopped; otherwise what they say in its place. */
async function whyNotStopped({ product: { services }, patience }: Scene): Promise<string | undefined> {
  const endsAtMs = systemClock.monotonicMs() + patience * noticedWithinMs
  for (;;) {
    const reasons = await Promise.all([services.a, services.b].map(({ url }) => reasonOf(url)))
    if (reasons.some((reason) => reason.includes('stopped:'))) return undefined
    if (systemClock.monotonicMs() > endsAtMs) return reasons.join('; ')
    await systemClock.sleep(100)
  }
}

function reasonOf(url: string): Promise<string> {
  return fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(2_000) }).then(
    async (answer) => saidIn(await answer.json()),
    () => 'no answer',
  )
}

/** A worker that still serves other partitions is ready, and says beside it what it has stopped at. */
function saidIn(told: unknown): string {
  return textIn(told, 'reason') ?? textIn(told, 'trouble') ?? 'ready'
}
