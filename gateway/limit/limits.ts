import type { Clock } from '@micropay/runtime/clock'
import type { SharedMemory } from '../share/shared-memory.ts'
import { type ByAddress, createByAddress, noneByAddress } from './by-address.ts'
import { type ByCaller, createByCaller, DRY_RUNS_PER_SECOND, noneByCaller } from './by-caller.ts'
import { createSharedTake } from './take.ts'

export type Limits = { readonly byCaller: ByCaller; readonly byAddress: ByAddress }

export type LimitSettings = {
  /** Requests a second for each caller, and as many payments of batches; 0 for no limit. */
  readonly rateLimitPerSecond: number
  /** Requests without a token a second from each address, and as many that are refused; 0 for no limit. */
  readonly addressLimitPerSecond: number
}

/** Counted by all gateways together, as long as they share a memory. */
export function createLimits(
  { rateLimitPerSecond, addressLimitPerSecond }: LimitSettings,
  memory: SharedMemory,
  { monotonicMs }: Pick<Clock, 'monotonicMs'>,
): Limits {
  const makeTake = (name: string, perSecond: number) =>
    createSharedTake({ memory, name, budget: { perSecond, most: perSecond }, monotonicMs })
  const byCaller = () => {
    const dryRuns = makeTake('dry-runs', DRY_RUNS_PER_SECOND)
    return createByCaller(makeTake('caller', rateLimitPerSecond), dryRuns, rateLimitPerSecond)
  }
  const byAddress = () => {
    const take = makeTake('address', addressLimitPerSecond)
    return createByAddress(take, addressLimitPerSecond, monotonicMs)
  }
  return {
    byCaller: rateLimitPerSecond === 0 ? noneByCaller : byCaller(),
    byAddress: addressLimitPerSecond === 0 ? noneByAddress : byAddress(),
  }
}
