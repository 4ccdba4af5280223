import { type BackOff, backOff } from '@micropay/runtime/back-off'
import type { Clock } from '@micropay/runtime/clock'
import type { Logger } from '@micropay/runtime/logger'
import type { Mailboxes } from './mailboxes.ts'

/**
 * Follows the inboxes of a process for as long as somebody reads one: `follow` brings what comes, and ends when nobody
 * has read for a while; when it throws it is begun again, later each time, and those who read are told.
 */
export function createInboxFollowing(options: InboxFollowingOptions): InboxFollowing {
  const { technology, mailboxes, clock, log, follow, ended } = options
  const closing = new AbortController()
  let isRunning = false
  let failures = 0

  async function run(): Promise<void> {
    isRunning = true
    while (mailboxes.partitions().length > 0 && !closing.signal.aborted) {
      try {
        await follow(closing.signal)
      } catch (cause) {
        if (closing.signal.aborted) break
        const error = cause instanceof Error ? cause : new Error(String(cause))
        failures += 1
        log.warn({ technology, failures, err: error }, 'the inboxes are out of reach')
        mailboxes.failed(error)
        await clock.sleep(backOff(failures, betweenAttempts), closing.signal)
      }
    }
    isRunning = false
    ended?.()
  }
  return {
    start() {
      if (!isRunning) void run()
    },
    answered() {
      if (failures > 0) log.info({ technology, failures }, 'the inboxes are within reach again')
      failures = 0
      mailboxes.answered()
    },
    close() {
      closing.abort()
      mailboxes.close()
    },
  }
}

export type InboxFollowing = {
  /** Somebody reads. */
  start(): void
  /** The store answered. */
  answered(): void
  close(): void
}

export type InboxFollowingOptions = {
  readonly technology: string
  readonly mailboxes: Mailboxes
  readonly clock: Clock
  readonly log: Logger
  readonly follow: (signal: AbortSignal) => Promise<void>
  /** Nobody reads any more, or it was closed. */
  readonly ended?: () => void
}

/** What brings a process the messages of the partitions that it reads. */
export type InboxFeed = { readonly mailboxes: Mailboxes; close(): void }

const betweenAttempts: BackOff = { firstMs: 100, mostMs: 3_000 }
