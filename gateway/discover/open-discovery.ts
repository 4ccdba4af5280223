import type { Clock } from '@micropay/runtime/clock'
import { ConfigError } from '@micropay/runtime/config'
import type { Logger } from '@micropay/runtime/logger'
import type { Discovery } from './discovery.ts'
import { byDns } from './dns/by-dns.ts'
import { byList } from './list/by-list.ts'
import { type AskedRegistry, byRegistry } from './registry/by-registry.ts'
import type { ServiceAddress } from './service-address.ts'

export type DiscoveryOptions = {
  /** Its name as of a process, such as `accounts` or `accounts-projection`. */
  readonly service: string
  readonly address: ServiceAddress
  readonly clock: Clock
  readonly log: Logger
  readonly registry?: AskedRegistry | undefined
}

/** Finds instances in the way that their setting names. Throws ConfigError where a registry is missing. */
export function openDiscovery({ address, registry, ...options }: DiscoveryOptions): Discovery {
  if (address.by === 'list') return byList(address.urls)
  if (address.by === 'registry') {
    if (registry) return byRegistry({ ...options, ...registry, url: address.url })
    const missing = `REGISTRY_URL: is missing: instances of ${options.service} are found by a registry`
    throw new ConfigError(`the settings of gateway do not fit:\n  ${missing}`)
  }
  return byDns({ ...options, url: address.url, isSrv: address.by === 'srv' })
}
