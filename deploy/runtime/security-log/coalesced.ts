import type { Clock } from '../clock.ts'
import type { SecurityEvent } from './chain.ts'

/** For how long what is alike is counted instead of written again, in ms. */
export const ALIKE_MS = 10_000
/** So many kinds are told apart at once; of more, addresses and subjects are not. */
const MOST_KINDS = 1_000

/**
 * Passes on the first of each kind, and after ten seconds how many more of it there were: whoever is refused a thousand
 * times a second fills no disk.
 */
export function coalesce(clock: Pick<Clock, 'monotonicMs' | 'every'>, pass: (event: SecurityEvent) => void) {
  const kinds = new Map<string, { readonly untilMs: number; readonly event: SecurityEvent; more: number }>()
  function end(all: boolean): void {
    const nowMs = clock.monotonicMs()
    for (const [key, { untilMs, event, more }] of kinds) {
      // In the order in which they began, so of the same length.
      if (!all && untilMs > nowMs) return
      kinds.delete(key)
      if (more > 0) pass({ ...event, traceId: undefined, times: more })
    }
  }
  const looking = clock.every(ALIKE_MS / 10, () => end(false))
  return {
    note(event: SecurityEvent): void {
      end(false)
      const told = kinds.size < MOST_KINDS || kinds.has(keyOf(event)) ? event : withoutWho(event)
      const key = keyOf(told)
      const kind = kinds.get(key)
      if (kind) {
        kind.more += 1
        return
      }
      kinds.set(key, { untilMs: clock.monotonicMs() + ALIKE_MS, event: told, more: 0 })
      pass(told)
    },
    /** Tells what was counted so far. */
    close(): void {
      looking.cancel()
      end(true)
    },
  }
}

function withoutWho(event: SecurityEvent): SecurityEvent {
  return { ...event, address: 'many', subject: undefined, client: undefined, tenant: undefined }
}

function keyOf({ traceId: _, ...event }: SecurityEvent): string {
  return JSON.stringify(event)
}
