import type { Clock } from '@micropay/runtime/clock'
import type { Pool, PoolClient } from 'pg'
import type { Appended } from '../event-log.ts'
import { insertAll, type PartitionRecords } from './append-statement.ts'
import type { Notices } from './notices.ts'

/**
 * Appends of the partitions of a process, those that wait at the same time in one transaction: each transaction costs
 * PostgreSQL and this process about as much as deciding several payments. What is small waits for the one that is under
 * way, but for none that takes long, so that whoever holds one partition's counter keeps nobody from the others.
 * `notices` tell readers, apart from the transaction; without them it tells them itself, and as it is of one partition
 * it waits for nobody.
 */
export function createGroupAppends(pool: Pool, clock: Clock, notices?: Notices): GroupAppends {
  let waiting: Call[] = []
  const underWay = new Set<Group>()
  let isGathering = false

  async function begin(): Promise<void> {
    if (isGathering) return
    if (notices) {
      isGathering = true
      await gather(() => waiting.length, clock)
      isGathering = false
    }
    for (let calls = take(); calls.length > 0; calls = take()) void appendTogether(calls)
  }
  function take(): Call[] {
    const taken = nextGroup(waiting, underWay)
    waiting = waiting.filter((call) => !taken.includes(call))
    return taken
  }
  async function appendTogether(calls: readonly Call[]): Promise<void> {
    const group = { isSlow: false }
    underWay.add(group)
    const timer = clock.timer(SLOW_MS, () => {
      group.isSlow = true
      void begin()
    })
    await appendOn(pool, calls, notices)
    timer.cancel()
    underWay.delete(group)
    if (waiting.length > 0) void begin()
  }
  return {
    append: (given, signal) =>
      new Promise((resolve, reject) => {
        const call = { ...given, signal, resolve, reject }
        const close = () => {
          waiting = waiting.filter((each) => each !== call)
          reject(new Error('the appender is closed'))
        }
        if (signal.aborted) return close()
        signal.addEventListener('abort', close, { once: true })
        waiting.push(call)
        void begin()
      }),
  }
}

export type GroupAppends = {
  /**
   * Answers where the records stand, undefined where there is no such partition. Rejects where that is not known, and
   * at once where the signal aborts.
   */
  append(asked: AskedAppend, signal: AbortSignal): Promise<Appended | undefined>
}

/** `isFirst` of its appender goes alone: where the log does not take it, it keeps nobody else from theirs. */
export type AskedAppend = PartitionRecords & { readonly isFirst: boolean }

type Call = AskedAppend & {
  readonly signal: AbortSignal
  readonly resolve: (appended: Appended | undefined) => void
  readonly reject: (error: Error) => void
}

type Group = { isSlow: boolean }

/** So many transactions are under way. */
export const MOST_AT_ONCE = 4
/** What is as large as this is worth a transaction of its own beside the one that is under way. */
const LARGE_BYTES = 256 * 1024
const MOST_BYTES = 4 * 1024 * 1024
/** Most take a few milliseconds. */
const SLOW_MS = 50
const GATHER_MS = 2

/** Of those that wait, in the order of partitions; none where all must wait. */
function nextGroup(waiting: readonly Call[], underWay: ReadonlySet<Group>): Call[] {
  if (underWay.size >= MOST_AT_ONCE) return []
  const first = waiting.find(({ isFirst }) => isFirst)
  if (first) return [first]
  const taken = new Map<number, Call>()
  let bytes = 0
  for (const call of waiting) {
    if (taken.has(call.partition)) continue
    bytes += bytesOf(call)
    if (taken.size > 0 && bytes > MOST_BYTES) break
    taken.set(call.partition, call)
  }
  const mustWait = [...underWay].some(({ isSlow }) => !isSlow) && bytes < LARGE_BYTES
  return mustWait ? [] : [...taken.values()].sort((one, other) => one.partition - other.partition)
}

function bytesOf({ records }: Call): number {
  return records.reduce((sum, { value }) => sum + value.byteLength, 0)
}

/** Never rejects. A connection that nobody waits for any more is ended. */
async function appendOn(pool: Pool, calls: readonly Call[], notices: Notices | undefined): Promise<void> {
  let client: PoolClient | undefined
  let failure: Error | undefined
  const endUnwanted = () => {
    if (calls.every(({ signal }) => signal.aborted)) client?.end().catch(() => undefined)
  }
  for (const { signal } of calls) signal.addEventListener('abort', endUnwanted)
  try {
    client = await pool.connect()
    const open = calls.filter(({ signal }) => !signal.aborted)
    const appended = open.length === 0 ? undefined : await insertAll(client, open, notices === undefined)
    for (const { partition, resolve } of open) {
      if (appended?.has(partition)) notices?.tell(partition)
      resolve(appended?.get(partition))
    }
  } catch (cause) {
    failure = cause instanceof Error ? cause : new Error(String(cause))
    for (const { reject } of calls) reject(failure)
  } finally {
    for (const { signal } of calls) signal.removeEventListener('abort', endUnwanted)
    client?.release(failure)
  }
}

/** Lets the appends join that are being decided right now: a turn of the event loop without a new one ends it. */
async function gather(waiting: () => number, clock: Clock): Promise<void> {
  const until = clock.monotonicMs() + GATHER_MS
  for (let before = 0; waiting() > before && clock.monotonicMs() < until; ) {
    before = waiting()
    await clock.turn()
  }
}
