import { type EventStoreDBClient, jsonEvent, NO_STREAM, WrongExpectedVersionError } from '@eventstore/db-client'
import { LogError } from '../event-log.ts'
import type { Connection } from './client.ts'
import { lossesOf } from './keeping.ts'
import { readEvents, type StreamNames } from './streams.ts'

/** How many partitions the log has: asked for until it is known, since it never changes then. */
export function openLayout(reading: Connection, names: StreamNames, timeoutMs: number): Layout {
  let known: number | undefined
  const partitions = async () => {
    known ??= await reading.use(timeoutMs, (client) => readLayout(client, names))
    return known
  }
  return {
    partitions,
    async mustHave(partition) {
      const count = await partitions()
      if (count !== undefined && partition < count) return
      const reason = `the event log in EventStoreDB has no partition ${partition}: prepare it first`
      throw new LogError('log_mismatch', reason)
    },
    prepare: (count) =>
      reading.use(PREPARE_MS, async (client) => {
        await prepareLayout(client, names, count)
        const partitions = Array.from({ length: count }, (_, partition) => names.partition(partition))
        const streams = [names.layout, ...partitions]
        while (streams.length > 0) {
          await Promise.all(streams.splice(0, ASKED_AT_ONCE).map((stream) => refuseLosses(client, stream)))
        }
      }),
  }
}

export type Layout = {
  partitions(): Promise<number | undefined>
  /** Throws LogError `log_mismatch` where the partition is none. */
  mustHave(partition: number): Promise<void>
  /** Throws LogError `log_mismatch` where there is another number of them, or a stream that may lose records. */
  prepare(count: number): Promise<void>
}

const ASKED_AT_ONCE = 32
const PREPARE_MS = 60_000

/** As the first event of the layout's stream says; undefined where there is none. */
async function readLayout(client: EventStoreDBClient, { layout }: StreamNames): Promise<number | undefined> {
  const [first] = (await readEvents(client, layout, 0n, 1)) ?? []
  if (first === undefined) return undefined
  const { data } = first
  const partitions = data !== null && typeof data === 'object' && 'partitions' in data ? data.partitions : undefined
  if (!Number.isInteger(partitions)) {
    throw new LogError('log_mismatch', `the stream ${layout} does not say how many partitions there are`)
  }
  return Number(partitions)
}

/** Writes it down, once for all; throws LogError `log_mismatch` where there is another number of them already. */
export async function prepareLayout(client: EventStoreDBClient, names: StreamNames, partitions: number): Promise<void> {
  const there = (await readLayout(client, names)) ?? (await writeLayout(client, names, partitions))
  if (there !== partitions) {
    throw new LogError(
      'log_mismatch',
      `the event log in EventStoreDB has ${there} partitions, not ${partitions}: a ledger keeps its number`,
    )
  }
}

async function writeLayout(client: EventStoreDBClient, names: StreamNames, partitions: number): Promise<number> {
  const event = jsonEvent({ type: 'micropay.layout', data: { partitions } })
  try {
    await client.appendToStream(names.layout, event, { expectedRevision: NO_STREAM, requiresLeader: true })
    return partitions
  } catch (cause) {
    if (!(cause instanceof WrongExpectedVersionError)) throw cause
    // Another process did.
    const there = await readLayout(client, names)
    if (there !== undefined) return there
    const reason = `the stream ${names.layout} has lost how many partitions there are`
    throw new LogError('log_mismatch', `${reason}: point to the right server, or restore it`)
  }
}

/** Throws LogError `log_mismatch` where the settings of a stream let it lose records. */
async function refuseLosses(client: EventStoreDBClient, stream: string): Promise<void> {
  const losses = await lossesOf(client, stream)
  if (losses !== undefined) throw new LogError('log_mismatch', losses)
}
