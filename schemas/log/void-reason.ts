import { z } from 'zod'

/** Why a record of the log does not count (docs/log-protocol.md, the rules of the fold). */
export const VoidReason = z.enum([
  'stale_genesis',
  'stale_claim',
  'stale_epoch',
  'duplicate',
  'chain_broken',
  'fork',
  'epoch_never_claimed',
  'unreadable_record',
  'resume_mismatch',
])
export type VoidReason = z.infer<typeof VoidReason>

/**
 * Those that no honest writer causes: evidence of a bug, a truncated log or tampering. Whoever meets one stops until a
 * person has accepted what the log holds now.
 */
export const AlarmReason = VoidReason.extract([
  'chain_broken',
  'fork',
  'epoch_never_claimed',
  'unreadable_record',
  'resume_mismatch',
])
export type AlarmReason = z.infer<typeof AlarmReason>

/**
 * Why a reader stops though the fold goes on: one of those, or a claim that counts and announces a generation of events
 * that this code does not know.
 */
export const StopReason = z.enum([...AlarmReason.options, 'unknown_generation'])
export type StopReason = z.infer<typeof StopReason>
