import type { Clock } from '@micropay/runtime/clock'
import type { SharedMemory } from '../share/shared-memory.ts'
import { type ByAddress, createByAddress } from './by-address.ts'
import { type ByCaller, createByCaller, DRY_RUNS_PER_SECOND } from './by-caller.ts'
import { createSharedTake } from './take.ts'

export type Limits = {
  readonly byCaller: ByCaller
  readonly byAddress: ByAddress
  /** How many requests each limit has refused since the start. */
  readonly limited: () => Readonly<Record<LimitName, number>>
}
type LimitName = 'caller' | 'dry_runs' | 'address'

export type LimitSettings = {
  /** Requests a second for each caller, and as many payments of batches; 0 for no limit. */
  readonly rateLimitPerSecond: Limit
  /** Requests without a token a second from each address, and as many that are refused; 0 for no limit. */
  readonly addressLimitPerSecond: Limit
}

/** A number for as long as the process runs, or one that may change meanwhile. */
type Limit = number | (() => number)

/** Counted by all gateways together, as long as they share a memory. */
export function createLimits(
  settings: LimitSettings,
  memory: SharedMemory,
  { monotonicMs }: Pick<Clock, 'monotonicMs'>,
): Limits {
  const takeOf = (name: string, limit: () => number) => {
    const budget = () => ({ perSecond: limit(), most: limit() })
    return createSharedTake({ memory, name, budget, monotonicMs })
  }
  const counts: Record<LimitName, number> = { caller: 0, dry_runs: 0, address: 0 }
  const limited = (limit: LimitName) => {
    counts[limit] += 1
  }
  const perSecond = live(settings.rateLimitPerSecond)
  const addressPerSecond = live(settings.addressLimitPerSecond)
  return {
    limited: () => counts,
    byCaller: createByCaller(
      takeOf('caller', perSecond),
      takeOf('dry-runs', () => DRY_RUNS_PER_SECOND),
      perSecond,
      limited,
    ),
    byAddress: createByAddress(takeOf('address', addressPerSecond), addressPerSecond, monotonicMs, () =>
      limited('address'),
    ),
  }
}

function live(limit: Limit): () => number {
  return typeof limit === 'number' ? () => limit : limit
}
