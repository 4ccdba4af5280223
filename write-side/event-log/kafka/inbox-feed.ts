import { type BackOff, backOff } from '@micropay/runtime/back-off'
import type { Clock } from '@micropay/runtime/clock'
import type { Logger } from '@micropay/runtime/logger'
import { LogError } from '../event-log.ts'
import type { InboxFeed } from '../inbox-following.ts'
import { createMailboxes } from '../mailboxes.ts'
import { typeOf } from './broker-error.ts'
import type { Feed } from './feed.ts'
import type { Starts } from './inbox-starts.ts'

/**
 * Brings a process what comes for each partition that it reads, by the connections that a feed has to each broker. A
 * partition whose leader is away is asked for again, and goes on from where it was; one that has lost that, or never
 * had a place, begins a moment before now.
 */
export function openInboxFeed({ feed, startOf, clock, log }: InboxFeedOptions): InboxFeed {
  const closing = new AbortController()
  const following = new Set<number>()
  const away = new Set<number>()
  const mailboxes = createMailboxes((partition) => {
    // One that is on its last fetch goes on.
    if (!following.has(partition)) void follow(partition)
  })

  async function follow(partition: number): Promise<void> {
    following.add(partition)
    const fetcher = feed.join(partition)
    let next: bigint | undefined
    let failures = 0
    while (mailboxes.has(partition) && !closing.signal.aborted) {
      try {
        next ??= await startOf(partition)
        const { records, end } = await fetcher.fetch(next, MOST_FETCH_BYTES)
        failures = 0
        isThere(partition)
        mailboxes.deliver(
          partition,
          // A fetch brings many at once: who keeps one is not to keep the others.
          records.map(({ value }) => Uint8Array.from(value)),
        )
        const last = records.at(-1)
        if (last) next = last.offset + 1n
        else if (end < next) next = undefined
      } catch (cause) {
        if (closing.signal.aborted) break
        failures += 1
        // What is no message, but stands in the topic, is passed over so, too.
        if (cause instanceof LogError || typeOf(cause) === 'OFFSET_OUT_OF_RANGE') next = undefined
        isAway(partition, cause instanceof Error ? cause : new Error(String(cause)))
        await clock.sleep(backOff(failures, betweenAttempts), closing.signal)
      }
    }
    away.delete(partition)
    following.delete(partition)
    fetcher.leave()
  }
  function isAway(partition: number, error: Error): void {
    if (away.size === 0) log.warn({ technology: 'Kafka', partition, err: error }, 'inboxes are out of reach')
    away.add(partition)
    mailboxes.failed(error, partition)
  }
  function isThere(partition: number): void {
    if (away.delete(partition) && away.size === 0) {
      log.info({ technology: 'Kafka' }, 'the inboxes are within reach again')
    }
    mailboxes.answered(partition)
  }
  return {
    mailboxes,
    close() {
      closing.abort()
      mailboxes.close()
      feed.close()
    },
  }
}

export type InboxFeedOptions = {
  readonly feed: Feed
  readonly startOf: Starts
  readonly clock: Clock
  readonly log: Logger
}

const MOST_FETCH_BYTES = 1024 * 1024
const betweenAttempts: BackOff = { firstMs: 100, mostMs: 3_000 }
