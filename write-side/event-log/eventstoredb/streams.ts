import {
  BACKWARDS,
  END,
  type EventStoreDBClient,
  type RecordedEvent,
  StreamDeletedError,
  StreamNotFoundError,
} from '@eventstore/db-client'
import type { Clock } from '@micropay/runtime/clock'
import { LogError, type LogRecord } from '../event-log.ts'

/** The streams of one ledger: one for each partition, one that says how many there are, and one for all inboxes. */
export function namesOf(prefix: string) {
  return {
    /** What the streams of all partitions begin with. */
    partitions: `${prefix}-`,
    partition: (partition: number) => `${prefix}-${partition}`,
    layout: `${prefix}_layout`,
    inbox: `${prefix}_inbox`,
    /** The partition whose stream has that name. */
    partitionIn(stream: string): number | undefined {
      const number = stream.startsWith(`${prefix}-`) ? stream.slice(prefix.length + 1) : ''
      return /^(0|[1-9][0-9]{0,3})$/.test(number) ? Number(number) : undefined
    },
  }
}

export type StreamNames = ReturnType<typeof namesOf>

export const RECORD_TYPE = 'micropay.record'
export const MESSAGE_TYPE = 'micropay.message'

const MOST_PAGE_BYTES = 4 * 1024 * 1024

/** Up to so many events from a revision on; undefined where there is no such stream. */
export async function readEvents(
  client: EventStoreDBClient,
  stream: string,
  from: bigint,
  most: number,
): Promise<RecordedEvent[] | undefined> {
  return collected(client.readStream(stream, { fromRevision: from, maxCount: most, requiresLeader: true }))
}

/** The last events of a stream, the last one first; none where there is no such stream. */
export async function lastEvents(client: EventStoreDBClient, stream: string, most: number): Promise<RecordedEvent[]> {
  const backwards = { fromRevision: END, direction: BACKWARDS, maxCount: most, requiresLeader: true } as const
  return (await collected(client.readStream(stream, backwards))) ?? []
}

export async function endOf(client: EventStoreDBClient, stream: string): Promise<bigint> {
  const [last] = await lastEvents(client, stream, 1)
  return last === undefined ? 0n : last.revision + 1n
}

async function collected(events: ReturnType<EventStoreDBClient['readStream']>): Promise<RecordedEvent[] | undefined> {
  const read: RecordedEvent[] = []
  try {
    let bytes = 0
    for await (const { event } of events) {
      if (event) read.push(event)
      bytes += event?.data instanceof Uint8Array ? event.data.byteLength : 0
      // The rest is asked for next, in a time of its own.
      if (bytes > MOST_PAGE_BYTES) {
        void events.cancel()
        break
      }
    }
    return read
  } catch (cause) {
    // One that was deleted for good has lost all.
    if (cause instanceof StreamNotFoundError || cause instanceof StreamDeletedError) return undefined
    throw cause
  }
}

/**
 * A record is an event whose bytes are its data, and whose key stands in its metadata: as JSON, since the client parses
 * whatever is JSON there. Throws LogError `log_mismatch` where it is none.
 */
export function recordOf(event: RecordedEvent, partition: number): LogRecord {
  const { revision: offset, type, data } = event
  const key = saidBeside(event, 'key')
  if (type !== RECORD_TYPE || key === undefined || !(data instanceof Uint8Array)) {
    throw new LogError(
      'log_mismatch',
      `partition ${partition} has something at offset ${offset} that is no record of a ledger: an event ${type}`,
    )
  }
  const traceparent = saidBeside(event, 'traceparent')
  return { offset, key, value: data, ...(traceparent === undefined ? {} : { traceparent }) }
}

function saidBeside({ metadata }: RecordedEvent, name: 'key' | 'traceparent'): string | undefined {
  const all = typeof metadata === 'object' ? (metadata ?? {}) : {}
  const said: unknown = Object.entries(all).find(([each]) => each === name)?.[1]
  return typeof said === 'string' ? said : undefined
}

/** 128 random bits, as a server of events writes them. */
export function eventId(clock: Pick<Clock, 'randomId'>): string {
  const hex = Buffer.from(clock.randomId(), 'base64url').toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20)].join('-')
}
