import { systemClock } from '@micropay/runtime/clock'
import { workerNames } from './product.ts'
import type { Scene } from './scene.ts'
import { until } from './until.ts'

const comesBackWithinMs = 60_000

/**
 * What a person would do, so that the next fault finds a product that serves: start all processes anew, and where that
 * does not help, throw away what workers and projections keep besides the log, which is what it should be then; `since`
 * is when the round began (milliseconds since 1970). Throws when nothing helps.
 */
export async function startAnew(scene: Omit<Scene, 'serving'>, since: number): Promise<void> {
  const { product, say } = scene
  say('  starting all processes anew')
  const services = Object.values(product.services)
  await Promise.all(services.map((service) => service.kill()))
  for (const name of workerNames) {
    // A worker that ends as soon as it is started does so for what it has on its disk.
    const crashes = product.ownEnds.filter(({ service, atMs }) => service === name && atMs > since)
    if (crashes.length > 2) product.disks[name].clear()
  }
  for (const service of services) service.start()
  if (await comesBack(scene)) return
  say('  throwing away all states and the read model')
  await Promise.all(services.map((service) => service.kill()))
  for (const name of workerNames) product.disks[name].clear()
  await product.dropReadModel()
  for (const service of services) service.start()
  if (!(await comesBack(scene))) throw new Error('nothing is acknowledged and read though all was started anew')
}

async function comesBack({ successes, reader }: Omit<Scene, 'serving'>): Promise<boolean> {
  const startedAtMs = systemClock.monotonicMs()
  const serves = () => successes.firstSince(startedAtMs) !== undefined
  const reads = () => reader.firstFreshSince(startedAtMs) !== undefined
  return until(() => serves() && reads(), comesBackWithinMs)
}
