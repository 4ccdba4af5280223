import { noticeText, partitionLease } from '@micropay/event-log/evidence'
import { loadCheckpoint } from './checkpoint.ts'
import type { FollowSource } from './follow-run.ts'

/**
 * Tells the workers of the partition how far this version has read a log that does not lead there any more: a worker
 * that has lost its state would know of nothing, and give positions a second time. Only logs that it could not.
 */
export async function shareEvidence({ pool, schema, partition, ownersLeases, logger }: FollowSource): Promise<void> {
  if (!ownersLeases) return
  try {
    const fold = await loadCheckpoint(pool, schema, partition)
    if (!fold.genesis) return
    const lease = ownersLeases.open(partitionLease(fold.genesis.ledgerId, partition), readModelName(schema))
    await lease.tell(noticeText(fold))
  } catch (error) {
    logger.warn({ err: error, schema, partition }, 'the workers could not be told of evidence')
  }
}

/** How people are told which version of a read model knows something. */
export function readModelName(schema: string): string {
  return `the read model ${schema}`
}
