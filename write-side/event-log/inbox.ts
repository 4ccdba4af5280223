import { LogError } from './event-log.ts'
import { reasonOf } from './outage.ts'

/**
 * The inboxes by which partitions of one ledger speak to each other during a payment, one for each partition. A message
 * may be lost, repeated, delayed and overtaken: who sends it asks again, so an inbox is fast, bounded and cheap rather
 * than sure, and never stands in the way of the log. However many partitions there are, a process has a fixed number of
 * connections for them. inbox.contract.ts holds the cases that every adapter passes against the real thing.
 */
export type Inbox = {
  /** For logs and messages: `kafka`, `postgres`, `memory`. */
  readonly technology: string
  /**
   * Creates what that many partitions need, or checks that it is there and fits. Throws LogError `log_mismatch` if not,
   * and `log_unavailable` where nobody answers.
   */
  prepare(partitions: number): Promise<void>
  /**
   * Hands over messages for any partitions, and resolves once they are kept, for as long as inboxes keep anything.
   * Throws LogError when that is not known, and some may be there: `append_unknown`; or when it did not take them, as
   * too much waits already: `log_unavailable`. It takes some seconds at most. Calls at the same time travel together.
   * What is said for the first time, to a partition that this process reads itself, goes there at once, and to nobody
   * else.
   */
  send(messages: readonly InboxMessage[]): Promise<void>
  /**
   * What comes for a partition from now on, and perhaps from some seconds before, in batches, until the signal aborts
   * or the inbox is closed: then it ends, without an error. It throws for no outage, but goes on once the store answers
   * again, from where it was or from then on. For whoever does not take, so much is kept as `mailboxes.ts` says, and
   * what comes then is skipped.
   */
  receive(partition: number, options: ReceiveOptions): AsyncIterable<readonly Uint8Array[]>
  close(): Promise<void>
}

/**
 * `partition` is the one that it is for. Without `isFirst` it reaches all who read it: where one did not answer, it is
 * perhaps another process that should.
 */
export type InboxMessage = { readonly partition: number; readonly value: Uint8Array; readonly isFirst?: boolean }

export type ReceiveOptions = {
  readonly signal: AbortSignal
  /**
   * Told once when an outage begins, and once when messages begin to be skipped. It is called from within the inbox:
   * what it throws is a bug.
   */
  readonly onTrouble?: (error: Error) => void
}

export function sendUnknown(technology: string, cause: unknown): LogError {
  if (cause instanceof LogError) return cause
  const reason = `it is unknown whether ${technology} took all messages for inboxes: ${reasonOf(cause)}`
  return new LogError('append_unknown', reason, { cause })
}
