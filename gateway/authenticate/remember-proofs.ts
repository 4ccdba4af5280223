import type { IsNewProof } from '@micropay/runtime/check-proof'
import type { Clock } from '@micropay/runtime/clock'
import { ProblemError } from '@micropay/runtime/problem-error'

/** A proof is remembered for some 70 s: so many are those of 7,000 requests a second. */
const MOST_PROOFS = 500_000

/**
 * Remembers which proofs of DPoP were used, until they are too old to be used again: in this process, so for the one
 * gateway of a site. One that is full says ProblemError `overloaded` rather than to forget.
 */
export function rememberProofs({ nowMs }: Clock, most = MOST_PROOFS): IsNewProof {
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
    return true
  }
}
