import type { Clock } from '@micropay/runtime/clock'
import { ProblemError } from '@micropay/runtime/problem-error'
import type { SharedMemory } from '../share/shared-memory.ts'

/**
 * Remembers what may be used once, until it is too old to be used again: in this process, and in what the gateways of a
 * site share, where there is such a thing. While that is away each gateway knows its own: one thing could be used once
 * at each of them. One that is full says ProblemError `overloaded` rather than to forget. Resolves with whether it is
 * new.
 */
export function rememberOnce(
  what: { readonly set: string; readonly called: string; readonly most: number },
  { nowMs }: Pick<Clock, 'nowMs'>,
  shared?: Pick<SharedMemory, 'add'>,
): (id: string, untilMs: number) => Promise<boolean> {
  const used = new Map<string, number>()
  return async (id, untilMs) => {
    const now = nowMs()
    for (const [old, endsMs] of used) {
      if (endsMs >= now) break
      used.delete(old)
    }
    if (used.has(id)) return false
    if (used.size >= what.most) {
      const headers = { 'retry-after': '1' }
      throw new ProblemError('overloaded', `too many ${what.called} are remembered: try again`, { headers })
    }
    used.set(id, untilMs)
    const added = await shared?.add(what.set, new Map([[id, untilMs]])).catch(() => undefined)
    return added !== 0
  }
}
