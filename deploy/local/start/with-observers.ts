import { join } from 'node:path'
import { alertText } from '../observe/alert-notices.ts'
import { findObservers, howToHaveObservers } from '../observe/find-observers.ts'
import { startObservers } from '../observe/start-observers.ts'
import type { PlacedService } from './ports.ts'
import { sayWhenDone } from './say-when-done.ts'
import { serviceOutput } from './service-output.ts'
import type { StartAll } from './start-options.ts'
import type { Store } from './start-stores.ts'

export type Observed = { readonly prometheus: string; readonly alertmanager: string }

const usualPorts = { prometheus: 8096, alertmanager: 8097 }

/**
 * Prometheus and Alertmanager beside the product, whose alerts come to the terminal; undefined where they are not there
 * or do not start, which is said: the product goes on without them.
 */
export async function startWithObservers(
  options: StartAll,
  placed: readonly PlacedService[],
  logDirectory: string,
  { stores, isStopped }: { readonly stores: Store[]; readonly isStopped: () => boolean },
  find: typeof findObservers = findObservers,
): Promise<Observed | undefined> {
  const { say, clock, home, environment } = options
  const programs = find()
  if (programs === undefined) {
    say(`  without --observe: ${howToHaveObservers}`)
    return undefined
  }
  const output = serviceOutput(logDirectory, 'observe', say, () => Number.POSITIVE_INFINITY)
  const targets = placed.flatMap(({ name, metricsPort }) =>
    metricsPort === undefined ? [] : [{ job: name, address: `127.0.0.1:${metricsPort}` }],
  )
  const starting = startObservers({
    ...{ programs, targets, clock, directory: join(home, 'observe'), log: output.line },
    usualPorts: environment.PORT === 0 ? undefined : usualPorts,
    told: (notice) => say(alertText(notice)),
  })
  try {
    const observing = await sayWhenDone(options, 'Prometheus and Alertmanager', starting)
    stores.push(observing)
    void observing.ended.then(
      (said) =>
        isStopped() ? undefined : say(`  Prometheus or Alertmanager ended: nobody is alerted. It said:\n${said}`),
      () => undefined,
    )
    return { prometheus: observing.prometheus, alertmanager: observing.alertmanager }
  } catch (error) {
    say(`  without --observe: ${error instanceof Error ? error.message : String(error)}`)
    return undefined
  }
}
