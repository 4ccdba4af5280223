import { hash } from 'node:crypto'

/**
 * The event log: partitions of records, each with a total order and durable, acknowledged appends. It is all that the
 * ledger asks of Kafka, PostgreSQL or KurrentDB; event-log.contract.ts holds the cases that every adapter passes
 * against the real thing.
 *
 * Offsets are the log's own and dense within a partition (0, 1, 2, ...); they never leave this port's users, since
 * mirroring changes them.
 */
export type EventLog = {
  /** For logs and messages: `kafka`, `postgres`, `memory`. */
  readonly technology: string
  /**
   * Creates the topic or tables for that many partitions, or checks that they exist and fit. Throws LogError
   * `log_mismatch` if not.
   */
  prepare(partitions: number): Promise<void>
  /** How many partitions the log has, and so the ledger in it; undefined where there is none yet. Creates nothing. */
  partitions(): Promise<number | undefined>
  /** The offset behind the last durable record: 0 for an empty partition. */
  end(partition: number): Promise<bigint>
  /**
   * An appender for one partition, used for one append at a time. Several may share a connection or a transaction, and
   * then its doubt; the first append of each is its own, so that what the log takes from nobody disturbs nobody.
   */
  openAppender(partition: number): Promise<Appender>
  /**
   * The records from `from` on, in order, in batches, for ever: waits for more until the signal aborts, and then ends
   * without an error; with `until` it ends in front of that offset, and waits for nothing; there is nothing to read
   * where that is not behind `from`. Throws LogError `log_unavailable` when the log stays out of reach, and
   * `log_truncated` when it ends before `from` or `until`, or before what was read already, or a record is missing.
   * It is `log_truncated`, too, where the store was told to let go of records, and before it does.
   * What was lost and written over before anybody looked is not seen here: whoever folds compares the hashes.
   */
  read(partition: number, from: bigint, options: ReadOptions): AsyncIterable<readonly LogRecord[]>
  close(): Promise<void>
}

export type Appender = {
  /**
   * Appends the records next to each other and answers where and when once all of them are durable. Any error means
   * that the outcome is unknown: the records may be in the log, may come later, or never (LogError `append_unknown`;
   * `log_truncated` where the log has lost what stood before them). Throw the appender away then.
   */
  append(records: readonly NewRecord[]): Promise<Appended>
  close(): Promise<void>
}

export type Appended = {
  /** Of the first record. */
  readonly offset: bigint
  /**
   * What the clock of the store showed when it took the records, in milliseconds since 1970: a second opinion on the
   * time. Undefined where the store does not say. Between two looks at that clock, a second apart at most, it may go
   * on by the monotonic one of this host.
   */
  readonly storeMs: number | undefined
  /**
   * `digestOf` the value of the record in front of the first one, as the store has it: who appends where expected sees
   * by it that the log did not lose records and grow again to the same length. Left out where nobody asked the store.
   */
  readonly behind?: string | undefined
}

/** SHA-256 in hexadecimal. */
export function digestOf(value: Uint8Array): string {
  return hash('sha256', value, 'hex')
}

/**
 * `traceparent` goes beside the value, never into it: what is hashed is the same whether traces are recorded or not. It
 * is for those who read the record soon, and a log may lose it.
 */
export type NewRecord = { readonly key: string; readonly value: Uint8Array; readonly traceparent?: string | undefined }

/** `value` is byte for byte what was appended. */
export type LogRecord = {
  readonly offset: bigint
  readonly key: string
  readonly value: Uint8Array
  /** Whoever appended it may have been told of no trace, or may have told of none. */
  readonly traceparent?: string | undefined
}

export type ReadOptions = {
  readonly signal: AbortSignal
  /** How many records a batch may hold at most. */
  readonly maxRecords?: number
  /** The offset behind the last record that is wanted, which must be in the log. */
  readonly until?: bigint
}

export function endsBefore(partition: number, end: bigint, offset: bigint): LogError {
  return new LogError('log_truncated', `partition ${partition} ends at offset ${end}, before ${offset}`)
}

export function missingRecord(partition: number, offset: bigint): LogError {
  return new LogError('log_truncated', `partition ${partition} has no record at offset ${offset}`)
}

export type LogErrorCode = 'append_unknown' | 'log_missing' | 'log_unavailable' | 'log_truncated' | 'log_mismatch'

export class LogError extends Error {
  readonly code: LogErrorCode

  constructor(code: LogErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
