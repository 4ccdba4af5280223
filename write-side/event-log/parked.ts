import { digestOf } from './event-log.ts'

/**
 * Where messages go that their receiver cannot handle, one place for all workers of a ledger, so that an inbox goes on
 * and a person may look at them, throw them away or have them tried again. parked.contract.ts holds the cases that
 * every adapter passes.
 */
export type ParkingLot = {
  readonly technology: string
  /**
   * Never rejects, and nobody need wait for it: where the store is away, it is tried again for some minutes, and then
   * given up, which is logged. Resolves when that is over. A message that is tried again may count twice.
   */
  park(message: NewlyParked): Promise<void>
  /** Those of a partition or of all, last parked first: MOST_LISTED at most. Rejects where the store is away. */
  list(partition?: number): Promise<readonly Parked[]>
  /** Removes it, and answers it for another try; undefined where it is not there. Rejects likewise. */
  take(id: string): Promise<Parked | undefined>
  /** Whether it was there. Rejects likewise. */
  drop(id: string): Promise<boolean>
  /** Of each partition that has any, in order. Rejects likewise. */
  counts(): Promise<readonly ParkedCount[]>
  close(): Promise<void>
}

export type NewlyParked = {
  /** Whose message it is. */
  readonly partition: number
  readonly value: Uint8Array
  /** Why it cannot be handled, for people; the last one is kept. */
  readonly reason: string
  /** Milliseconds since 1970. */
  readonly at: number
}

/** One for all messages of the same bytes. */
export type Parked = {
  readonly id: string
  readonly partition: number
  readonly value: Uint8Array
  readonly reason: string
  /** How often it was parked. */
  readonly count: number
  /** Milliseconds since 1970. */
  readonly firstAt: number
  readonly lastAt: number
}

export type ParkedCount = {
  readonly partition: number
  readonly kept: number
  /** How many came that were not kept, since there was no room; forgotten once none is kept. */
  readonly more: number
}

/** Of one partition. What has no room is counted. */
export const MOST_PARKED = 1_000
export const MOST_LISTED = 1_000
export const MOST_REASON_CHARACTERS = 500

/** PostgreSQL takes any character in a text but one. */
export function keptReason(reason: string): string {
  return reason.replaceAll('\0', '').slice(0, MOST_REASON_CHARACTERS)
}

/** Of one message among all. */
export type ParkedKey = { readonly partition: number; readonly digest: string }

export function parkedId({ partition, digest }: ParkedKey): string {
  return `${partition}-${digest}`
}

export function keyOf({ partition, value }: Pick<NewlyParked, 'partition' | 'value'>): ParkedKey {
  return { partition, digest: digestOf(value) }
}

/** Undefined where it is no id of a parked message. */
export function keyIn(id: string): ParkedKey | undefined {
  const [, partition, digest] = /^([0-9]{1,4})-([0-9a-f]{64})$/.exec(id) ?? []
  return partition === undefined || digest === undefined ? undefined : { partition: Number(partition), digest }
}
