import type { EventStoreDBClient } from '@eventstore/db-client'
import { type Appended, digestOf, missingRecord } from '../event-log.ts'
import { readEvents, recordOf } from './streams.ts'
import type { Written } from './write-all.ts'

/** What stands there now, and in front of it. Throws LogError `log_truncated` where it is something else. */
export async function readBack(
  client: EventStoreDBClient,
  { stream, partition }: { readonly stream: string; readonly partition: number },
  { base, id }: Pick<Written, 'base' | 'id'>,
): Promise<Appended & { readonly storeMs: number }> {
  const from = base === 0n ? 0n : base - 1n
  const events = (await readEvents(client, stream, from, Number(base - from) + 1)) ?? []
  const own = events.at(-1)
  const before = base === 0n ? undefined : events[0]
  if (own?.revision !== base || own.id !== id) throw missingRecord(partition, base)
  if (before !== undefined && before.revision !== from) throw missingRecord(partition, from)
  const behind = before === undefined ? undefined : digestOf(recordOf(before, partition).value)
  return { offset: base, storeMs: own.created.getTime(), behind }
}
