import type { IsNewProof } from '@micropay/runtime/check-proof'
import type { Clock } from '@micropay/runtime/clock'
import type { SharedMemory } from '../share/shared-memory.ts'
import { rememberOnce } from './remember-once.ts'

/** A proof is remembered for some 70 s: so many are those of 7,000 requests a second. */
const MOST_PROOFS = 500_000

/** Remembers which proofs of DPoP were used. */
export function rememberProofs(clock: Clock, shared?: Pick<SharedMemory, 'add'>, most = MOST_PROOFS): IsNewProof {
  return rememberOnce({ set: 'used-proofs', called: 'proofs of DPoP', most }, clock, shared)
}
