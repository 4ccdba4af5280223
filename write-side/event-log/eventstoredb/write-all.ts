import assert from 'node:assert/strict'
import { ANY, binaryEvent, WrongExpectedVersionError } from '@eventstore/db-client'
import type { Clock } from '@micropay/runtime/clock'
import { endsBefore, type NewRecord } from '../event-log.ts'
import { reasonOf } from '../outage.ts'
import type { Connection } from './client.ts'
import { splitByBytes } from './split-by-bytes.ts'
import { eventId, RECORD_TYPE } from './streams.ts'

/**
 * Writes records next to each other. What is larger than a write may be is several, each behind the one before and only
 * there: where somebody else came in between, the rest is not written, and it is torn; the error says how far it got.
 * Whatever the server is asked to write has ids of its own: it takes an id that it has for a repetition, and answers
 * where that stands. Throws LogError `log_truncated`, and writes nothing, where the stream ends before `expected`.
 */
export async function writeAll(
  connection: Connection,
  options: WriteOptions,
  { records, expected, byMs }: ToWrite,
): Promise<Written> {
  const [first = [], ...others] = splitByBytes(records, options.mostBytes, sizeOf)
  const write = (some: readonly NewRecord[], behind: bigint | undefined) =>
    writeOnce(connection, options, { records: some, expected: behind, byMs })
  const begun = await writeFirst(first, { expected, write, partition: options.partition })
  let { last } = begun
  let written = first.length
  for (const some of others) {
    try {
      last = (await write(some, last)).last
      written += some.length
    } catch (cause) {
      const torn = { base: begun.base, written, sent: some.length, all: records.length }
      throw new Error(`${howFar(torn, cause)}: ${reasonOf(cause)}`, { cause })
    }
  }
  return { ...begun, last }
}

export type WriteOptions = {
  readonly stream: string
  readonly partition: number
  /** What the server takes in one write. */
  readonly mostBytes: number
  readonly clock: Clock
}

/** `expected` is the revision that the stream should end with; `byMs`, on the monotonic clock, when all is over. */
export type ToWrite = {
  readonly records: readonly NewRecord[]
  readonly expected: bigint | undefined
  readonly byMs: number
}

export type Written = {
  readonly base: bigint
  readonly last: bigint
  /** Of the first record. */
  readonly id: string
  /** It stands behind what was expected, and nobody else wrote in between. */
  readonly isBehindExpected: boolean
}

/** A bound of its size in UTF-8. */
const sizeOf = ({ key, value }: NewRecord) => value.byteLength + 3 * key.length + TRACEPARENT_BYTES

/** With its name, where the record has one. */
const TRACEPARENT_BYTES = 80

type First = {
  readonly expected: bigint | undefined
  readonly partition: number
  write(records: readonly NewRecord[], expected: bigint | undefined): Promise<Omit<Written, 'isBehindExpected'>>
}

/** Where somebody else wrote it stands behind that. */
async function writeFirst(records: readonly NewRecord[], { expected, write, partition }: First): Promise<Written> {
  if (expected === undefined) return { ...(await write(records, undefined)), isBehindExpected: false }
  try {
    return { ...(await write(records, expected)), isBehindExpected: true }
  } catch (cause) {
    if (!(cause instanceof WrongExpectedVersionError)) throw cause
    const end = typeof cause.actualVersion === 'bigint' ? cause.actualVersion + 1n : 0n
    if (end <= expected) throw endsBefore(partition, end, expected + 1n)
    return { ...(await write(records, undefined)), isBehindExpected: false }
  }
}

async function writeOnce(
  connection: Connection,
  { stream, clock }: WriteOptions,
  { records, expected, byMs }: ToWrite,
): Promise<Omit<Written, 'isBehindExpected'>> {
  const leftMs = leftOf(byMs, clock)
  return connection.use(leftMs, async (client) => {
    const events = records.map(({ key, value, traceparent }) => {
      const metadata = traceparent === undefined ? { key } : { key, traceparent }
      return binaryEvent({ id: eventId(clock), type: RECORD_TYPE, data: value, metadata })
    })
    const [own] = events
    assert(own)
    const { nextExpectedRevision: last } = await client.appendToStream(stream, events, {
      ...{ expectedRevision: expected ?? ANY, requiresLeader: true, deadline: leftMs },
    })
    return { base: last - BigInt(events.length) + 1n, last, id: own.id }
  })
}

export function leftOf(byMs: number, clock: Clock): number {
  const leftMs = byMs - clock.monotonicMs()
  if (leftMs <= 0) throw new Error('the time that an append may take is over')
  return leftMs
}

type Torn = { readonly base: bigint; readonly written: number; readonly sent: number; readonly all: number }

/** What is known of an append of several writes of which one failed. */
function howFar({ base, written, sent, all }: Torn, cause: unknown): string {
  const stand = `of ${all} records the first ${written} stand from offset ${base} on`
  if (cause instanceof WrongExpectedVersionError) return `${stand}, and no others, since somebody wrote behind them`
  const rest = all - written - sent
  return `${stand}, the next ${sent} may, and ${rest === 0 ? 'there are no more' : `${rest} were never sent`}`
}
