import type { Engine } from './engine-state.ts'

/** What cannot be handled waits beside the inbox, which goes on. */
export function park({ ports, counts, partition, clock, log }: Engine, value: Uint8Array, reason: string): void {
  counts.parked += 1
  log.error({ partition, reason }, 'a message cannot be handled: it is parked until an operator looks at it')
  void ports?.parking.park({ partition, value, reason, at: clock.nowMs() })
}
