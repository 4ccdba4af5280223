import type { Clock } from '../clock.ts'
import type { Logger } from '../logger.ts'
import type { RegisteredInstance, Registry } from './eureka.ts'

export type Registration = {
  /** Why others may not find this instance, for people. */
  trouble(): string | undefined
  /** Takes it out of the registry, in time whatever that does. */
  leave(): Promise<void>
}

export type RegistrationOptions = {
  readonly registry: Registry
  readonly instance: RegisteredInstance
  readonly clock: Clock
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>
}

/** A registry that was away, or has lost what it knew, knows it again soon. */
const AFTER_FAILURE_MS = 2_000
const LEAVE_WITHIN_MS = 2_000

/** Registers an instance and renews that until it leaves, and anew whenever the registry has forgotten it. */
export function keepRegistered({ registry, instance, clock, log }: RegistrationOptions): Registration {
  const leaving = new AbortController()
  const about = { registry: registry.name, instance: instance.url.origin }
  let isKnown = false
  let trouble: string | undefined

  async function beat(): Promise<number> {
    try {
      if (!isKnown || !(await registry.renew(instance))) {
        await registry.register(instance)
        log.info(about, 'registered')
      }
      isKnown = true
      trouble = undefined
      return instance.renewSeconds * 1_000
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      if (trouble === undefined) log.error({ ...about, reason }, 'the registry does not take this instance')
      trouble = `the registry at ${registry.name} does not take this instance, which others may not find: ${reason}`
      return Math.min(AFTER_FAILURE_MS, instance.renewSeconds * 1_000)
    }
  }
  async function goOn(): Promise<void> {
    let waitMs = await beat()
    while (await clock.sleep(waitMs, leaving.signal)) waitMs = await beat()
  }
  const running = goOn()
  async function unregister(): Promise<void> {
    await running
    await registry.unregister(instance).catch((error: unknown) => {
      log.warn({ ...about, err: error }, 'this instance could not be unregistered: it is forgotten by and by')
    })
  }
  return {
    trouble: () => trouble,
    async leave() {
      leaving.abort()
      await Promise.race([unregister(), clock.sleep(LEAVE_WITHIN_MS)])
    },
  }
}
