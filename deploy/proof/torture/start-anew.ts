import { systemClock } from '@micropay/runtime/clock'
import { workerNames } from './product.ts'
import type { Scene } from './scene.ts'
import { until } from './until.ts'

const servesWithinMs = 30_000

/**
 * What a person would do, so that the next fault finds a product that serves: start all processes anew, and where
 * readers still see nothing, have the read model built again; `since` is when the round began (milliseconds since
 * 1970). Throws when that does not help.
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
  if (await comesBack(scene, servesWithinMs)) return
  say('  building the read model anew')
  await Promise.all(services.map((service) => service.kill()))
  await product.dropReadModel()
  for (const service of services) service.start()
  if (!(await comesBack(scene, 2 * servesWithinMs))) throw new Error('nothing is read though all was built anew')
}

/** Throws when nothing is acknowledged; false when it is, and is not read. */
async function comesBack({ successes, reader }: Omit<Scene, 'serving'>, readWithinMs: number): Promise<boolean> {
  const startedAtMs = systemClock.monotonicMs()
  if (!(await until(() => successes.firstSince(startedAtMs) !== undefined, 2 * servesWithinMs))) {
    throw new Error('nothing is acknowledged a minute after all processes were started anew')
  }
  return until(() => reader.firstFreshSince(startedAtMs) !== undefined, readWithinMs)
}
