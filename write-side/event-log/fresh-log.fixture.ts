import type { TestContext } from 'node:test'
import type { EventLog, NewRecord } from './event-log.ts'

/** Makes a new empty log, and answers how to open handles on it: each stands for a process of its own. */
export type FreshLog = () => Promise<() => EventLog>

/** A handle that is closed with its test. */
export function handle(context: TestContext, open: () => EventLog): EventLog {
  const log = open()
  context.after(() => log.close())
  return log
}

/** A new log of so many partitions. */
export async function prepared(context: TestContext, fresh: FreshLog, partitions = 1): Promise<EventLog> {
  const log = handle(context, await fresh())
  await log.prepare(partitions)
  return log
}

export async function opened(context: TestContext, log: EventLog, partition: number) {
  const appender = await log.openAppender(partition)
  context.after(() => appender.close())
  return appender
}

/** So many small records, each with a key of its own. */
export function numbered(name: string, count: number): NewRecord[] {
  return Array.from({ length: count }, (_, index) => ({
    key: `${name.slice(0, 20)}:${index}`,
    value: new TextEncoder().encode(`{"${name}":${index}}`),
  }))
}

/** A record as it compares. */
export function plain({ key, value }: NewRecord): { key: string; bytes: string } {
  return { key, bytes: Buffer.from(value).toString('base64') }
}
