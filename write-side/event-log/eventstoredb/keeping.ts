import { AccessDeniedError, type EventStoreDBClient, StreamDeletedError } from '@eventstore/db-client'
import type { Clock } from '@micropay/runtime/clock'
import type { Logger } from '@micropay/runtime/logger'
import { LogError } from '../event-log.ts'
import type { Connection } from './client.ts'
import type { StreamNames } from './streams.ts'

/**
 * Sees to it that the streams of partitions keep what is in them: somebody may set while they are served what lets them
 * lose records, or delete them. It looks now and then at the settings of those that are read or appended to, and nobody
 * waits for that who was told a while ago that they are right.
 */
export function openKeeping({ asking, names, timeoutMs, clock, log }: KeepingOptions): Keeping {
  const seen = new Map<number, Seen>()
  let isDenied = false

  async function look(partition: number, each: Seen): Promise<void> {
    const stream = names.partition(partition)
    try {
      each.losses = await asking.use(timeoutMs, (client) => lossesOf(client, stream))
      each.isKnown = true
    } catch (cause) {
      if (!(cause instanceof AccessDeniedError)) {
        log.warn({ err: cause, stream }, 'whether it may lose records could not be asked')
        throw cause
      }
      if (!isDenied) log.warn({ stream }, 'the user of EVENTSTORE_URL may not read whether a stream may lose records')
      isDenied = true
      each.isKnown = true
    } finally {
      each.atMs = clock.monotonicMs()
      each.looking = undefined
    }
  }
  return {
    async mustKeep(partition) {
      const each = seen.get(partition) ?? { atMs: 0, isKnown: false, losses: undefined, looking: undefined }
      seen.set(partition, each)
      const isRight = each.isKnown && each.losses === undefined
      if (isRight && clock.monotonicMs() - each.atMs < EVERY_MS + EACH_MS * seen.size) return
      each.looking ??= look(partition, each)
      each.looking.catch(() => undefined)
      if (!isRight) await each.looking
      if (each.losses !== undefined) throw new LogError('log_truncated', each.losses)
    },
  }
}

export type Keeping = {
  /**
   * Throws LogError `log_truncated` where the stream of the partition may lose records. It asks before it answers the
   * first time and for as long as that is so.
   */
  mustKeep(partition: number): Promise<void>
}

export type KeepingOptions = {
  readonly asking: Connection
  readonly names: StreamNames
  readonly timeoutMs: number
  readonly clock: Clock
  readonly log: Logger
}

type Seen = {
  atMs: number
  isKnown: boolean
  losses: string | undefined
  looking: Promise<void> | undefined
}

const EVERY_MS = 10_000
/** A thousand partitions are looked at about once a minute. */
const EACH_MS = 50

/** How the settings of a stream let it lose records, and what to do; undefined where they do not. */
export async function lossesOf(client: EventStoreDBClient, stream: string): Promise<string | undefined> {
  const set = await settingsOf(client, stream)
  if (set === undefined) return `the stream ${stream} may lose records: it was deleted for good`
  const losing = Object.entries(SETTINGS).filter(([each]) => (set[each] ?? undefined) !== undefined)
  if (losing.length === 0) return undefined
  return `the stream ${stream} may lose records: take ${losing.map(([, name]) => name).join(', ')} off its metadata`
}

/** A stream that was deleted, but not for good, has `$tb` behind all that it may ever hold. */
const SETTINGS = { maxCount: '$maxCount', maxAge: '$maxAge', truncateBefore: '$tb' }

async function settingsOf(client: EventStoreDBClient, stream: string) {
  try {
    return (await client.getStreamMetadata(stream, { requiresLeader: true })).metadata ?? {}
  } catch (cause) {
    if (cause instanceof StreamDeletedError) return undefined
    throw cause
  }
}
