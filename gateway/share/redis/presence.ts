import type { Clock } from '@micropay/runtime/clock'
import type { Logger } from '@micropay/runtime/logger'
import type { Away } from '../shared-memory.ts'

export type Presence = ReturnType<typeof createPresence>

/** Whether the memory can be asked, and who is told when it can again. Each change is logged once. */
export function createPresence(clock: Clock, log: Logger) {
  const works: (() => void)[] = []
  let away: Away | undefined = { reason: 'no connection yet', sinceMs: clock.nowMs() }
  let lastReason = 'no connection yet'
  let wasReached = false
  let isOver = false
  return {
    away: () => away,
    lastReason: () => lastReason,
    isOver: () => isOver,
    leave(reason: string): void {
      lastReason = reason
      if (isOver) return
      if (away) away = { ...away, reason }
      else {
        away = { reason, sinceMs: clock.nowMs() }
        log.error({ reason }, 'the shared memory is away: limits and ended sessions are those of this gateway alone')
      }
    },
    come(): void {
      if (isOver || !away) return
      if (wasReached) log.info('the shared memory is back')
      away = undefined
      wasReached = true
      for (const work of works) work()
    },
    onReach(work: () => void): void {
      works.push(work)
      if (!away) work()
    },
    end(): void {
      isOver = true
      away = { reason: 'this gateway is shutting down', sinceMs: clock.nowMs() }
    },
  }
}
