import type { Clock } from '@micropay/runtime/clock'
import type { Dispatcher } from 'undici'

/** Processes that answer alike. */
export type Instances = {
  /** Whom to ask, one after the other, each once: of workers the owner of the partition first. */
  inOrder(partition?: number): readonly Dispatcher[]
  /** It was not reached, broke off or is ending: for a while the others are asked first. */
  avoid(instance: Dispatcher): void
}

export const AVOIDED_MS = 2_000

/** In turn, so that each gets its share. */
export function inTurn(instances: readonly Dispatcher[], clock: Clock): Instances {
  const avoidedUntilMs = new Map<Dispatcher, number>()
  let next = 0
  return {
    inOrder() {
      const from = next % instances.length
      next = from + 1
      const nowMs = clock.monotonicMs()
      const isAvoided = (one: Dispatcher) => (avoidedUntilMs.get(one) ?? 0) > nowMs
      const all = [...instances.slice(from), ...instances.slice(0, from)]
      return [...all.filter((one) => !isAvoided(one)), ...all.filter(isAvoided)]
    },
    avoid: (instance) => void avoidedUntilMs.set(instance, clock.monotonicMs() + AVOIDED_MS),
  }
}
