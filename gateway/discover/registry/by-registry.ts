import type { Registry } from '@micropay/runtime/registry/eureka'
import type { Discovery } from '../discovery.ts'
import { keepLooking, type LookingOptions } from '../keep-looking.ts'

/** A registry, and how often it is asked. */
export type AskedRegistry = { readonly registry: Registry; readonly everyMs: number }

export type ByRegistryOptions = Pick<LookingOptions, 'service' | 'clock' | 'log'> &
  AskedRegistry & {
    /** The name under which instances are registered, as a host, and the scheme by which they are reached. */
    readonly url: URL
  }

/** Instances that have registered themselves. */
export function byRegistry({ registry, everyMs, url, ...options }: ByRegistryOptions): Discovery {
  const protocol = url.protocol === 'https:' ? 'https:' : 'http:'
  const find = async () => {
    const origins = await registry.originsOf(url.hostname, protocol)
    return { places: origins.map((origin) => ({ origin })), forMs: everyMs }
  }
  return keepLooking({ ...options, at: `${registry.name}, ${url.hostname}`, find })
}
