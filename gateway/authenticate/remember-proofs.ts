import type { IsNewProof } from '@micropay/runtime/check-proof'
import type { Clock } from '@micropay/runtime/clock'
import { ProblemError } from '@micropay/runtime/problem-error'
import type { SharedMemory } from '../share/shared-memory.ts'

/** A proof is remembered for some 70 s: so many are those of 7,000 requests a second. */
const MOST_PROOFS = 500_000

const SET = 'used-proofs'

/**
 * Remembers which proofs of DPoP were used, until they are too old to be used again: in this process, and in what the
 * gateways of a site share, where there is such a thing. While that is away each gateway knows its own: a proof could
 * be used once at each of them. One that is full says ProblemError `overloaded` rather than to forget.
 */
export function rememberProofs({ nowMs }: Clock, shared?: Pick<SharedMemory, 'add'>, most = MOST_PROOFS): IsNewProof {
  const used = new Map<string, number>()
  return async (id, untilMs) => {
    const now = nowMs()
    for (const [old, endsMs] of used) {
      if (endsMs >= now) break
      used.delete(old)
    }
    if (used.has(id)) return false
    if (used.size >= most) {
      const headers = { 'retry-after': '1' }
      throw new ProblemError('overloaded', 'too many proofs of DPoP are remembered: try again', { headers })
    }
    used.set(id, untilMs)
    const added = await shared?.add(SET, new Map([[id, untilMs]])).catch(() => undefined)
    return added !== 0
  }
}
