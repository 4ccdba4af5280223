import type { EventOf, LedgerEvent } from './event.ts'

/** An event that moves the balances of its legs. */
export type Posting = EventOf<'PaymentPosted' | 'LegsPosted' | 'LegsWrittenOff'>

export function isPosting(event: LedgerEvent): event is Posting {
  return event.type === 'PaymentPosted' || event.type === 'LegsPosted' || event.type === 'LegsWrittenOff'
}

/** Whether the legs of an event are those of all partitions, and what is done with them stands beside it. */
export function isOfAllLegs({ type }: Pick<LedgerEvent, 'type'>): boolean {
  return type === 'PaymentInitiated' || type === 'PaymentReopened'
}
