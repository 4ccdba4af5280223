import type { Clock } from '@micropay/runtime/clock'
import { type ByAddress, createByAddress, noneByAddress } from './by-address.ts'
import { type ByCaller, createByCaller, DRY_RUNS_PER_SECOND, noneByCaller } from './by-caller.ts'
import { createTake, type Take } from './take.ts'

export type Limits = { readonly byCaller: ByCaller; readonly byAddress: ByAddress }

export type LimitSettings = {
  /** Requests a second for each caller, and as many payments of batches; 0 for no limit. */
  readonly rateLimitPerSecond: number
  /** Requests without a token a second from each address, and as many that are refused; 0 for no limit. */
  readonly addressLimitPerSecond: number
}

/** `makeTake` makes what counts, under a name of its own among all that count in the same place. */
export function createLimits(
  { rateLimitPerSecond, addressLimitPerSecond }: LimitSettings,
  clock: Clock,
  makeTake: (name: string, perSecond: number) => Take = (_name, perSecond) => createTake(perSecond),
): Limits {
  const byCaller = () => {
    const dryRuns = makeTake('dry-runs', DRY_RUNS_PER_SECOND)
    return createByCaller(makeTake('caller', rateLimitPerSecond), dryRuns, rateLimitPerSecond)
  }
  const byAddress = () => {
    const take = makeTake('address', addressLimitPerSecond)
    return createByAddress(take, addressLimitPerSecond, clock.monotonicMs)
  }
  return {
    byCaller: rateLimitPerSecond === 0 ? noneByCaller : byCaller(),
    byAddress: addressLimitPerSecond === 0 ? noneByAddress : byAddress(),
  }
}
