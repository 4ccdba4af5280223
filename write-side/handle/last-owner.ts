import { decodeRecord } from '@micropay/schemas/log/ledger-record'
import type { Ownership } from './ownership.ts'

/**
 * Whether the claim that stands at the end of the log is this worker's, so that nobody else waits to be told that the
 * partition is free. False when the log cannot be read to its end now, or a person's command was the last.
 */
export async function isLastOwner({ eventLog, partition, state, ownerId, stopping }: Ownership): Promise<boolean> {
  if (!state || state.fold.claimedAt < 0n) return false
  const { claimedAt, offset } = state.fold
  if (offset < (await eventLog.end(partition))) return false
  const claim = { signal: stopping.signal, until: claimedAt + 1n }
  for await (const [record] of eventLog.read(partition, claimedAt, claim)) {
    if (!record) continue
    const decoded = decodeRecord(record.value)
    return decoded.kind === 'claim' && decoded.claim.ownerId === ownerId
  }
  return false
}
