import type { Clock } from '@micropay/runtime/clock'
import type { Logger } from '@micropay/runtime/logger'
import type { Discovery } from './discovery.ts'
import { byDns } from './dns/by-dns.ts'
import { byList } from './list/by-list.ts'
import type { ServiceAddress } from './service-address.ts'

export type DiscoveryOptions = {
  /** Its name as of a process, such as `accounts` or `accounts-projection`. */
  readonly service: string
  readonly address: ServiceAddress
  readonly clock: Clock
  readonly log: Logger
}

/** Finds instances in the way that their setting names. */
export function openDiscovery({ address, ...options }: DiscoveryOptions): Discovery {
  if (address.by === 'list') return byList(address.urls)
  return byDns({ ...options, url: address.url, isSrv: address.by === 'srv' })
}
