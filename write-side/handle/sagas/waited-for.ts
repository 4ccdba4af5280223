import type { Saga } from '../../decide/saga.ts'
import { silentIn } from '../../decide/saga-messages.ts'
import type { Heard } from '../../decide/stepped.ts'

/** A partition that open payments of another one wait for. */
export type WaitedFor = {
  readonly partition: number
  /** Payments that it has not answered. */
  readonly open: number
  /** How long their coordinator has gone on with the oldest of them, in milliseconds: a new owner begins anew. */
  readonly oldestMs: number
  /** Those that are more than OVERDUE_AFTER_MS past their deadline. */
  readonly overdue: number
  /** How long ago the first of their deadlines was, in milliseconds; 0 while all are ahead. */
  readonly pastDeadlineMs: number
}

export type OpenPayment = {
  readonly saga: Pick<Saga, 'state' | 'participants' | 'deadline'>
  readonly heard: Heard
  readonly openMs: number
}

/** Whoever is asked answers within milliseconds: who lets a deadline pass by so much is away, or cannot be reached. */
export const OVERDUE_AFTER_MS = 30_000

/** Whom open payments wait for, in the order of their partitions. `nowMs` is the time of the day. */
export function waitedFor(payments: Iterable<OpenPayment>, nowMs: number): WaitedFor[] {
  const all = new Map<number, WaitedFor>()
  for (const { saga, heard, openMs } of payments) {
    const pastMs = Math.max(0, nowMs - Date.parse(saga.deadline))
    for (const partition of silentIn(saga, heard)) {
      const { open, oldestMs, overdue, pastDeadlineMs } = all.get(partition) ?? none
      all.set(partition, {
        partition,
        open: open + 1,
        oldestMs: Math.max(oldestMs, Math.round(openMs)),
        overdue: overdue + (pastMs > OVERDUE_AFTER_MS ? 1 : 0),
        pastDeadlineMs: Math.max(pastDeadlineMs, pastMs),
      })
    }
  }
  return [...all.values()].sort((one, other) => one.partition - other.partition)
}

const none: Omit<WaitedFor, 'partition'> = { open: 0, oldestMs: 0, overdue: 0, pastDeadlineMs: 0 }
