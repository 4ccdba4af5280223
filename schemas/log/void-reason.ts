import { z } from 'zod'

/** Why a record of the log does not count (docs/log-protocol.md, the rules of the fold). */
export const VoidReason = z.enum(['stale_genesis', 'stale_claim', 'stale_epoch', 'duplicate', 'chain_broken'])
export type VoidReason = z.infer<typeof VoidReason>
