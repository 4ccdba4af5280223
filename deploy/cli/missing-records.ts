import { type EventLog, LogError } from '@micropay/event-log/event-log'
import { foldRecord } from '@micropay/event-log/fold'
import { initialFold } from '@micropay/event-log/fold-state'
import { decodeRecord } from '@micropay/schemas/log/ledger-record'
import { counted } from './progress.ts'

/**
 * What a log lacks in its middle, in words: where nobody can read, which positions were there, and what can be done.
 * Undefined where it can be read to its end.
 */
export async function missingRecords(
  log: EventLog,
  partition: number,
  signal: AbortSignal,
): Promise<string | undefined> {
  const end = await log.end(partition)
  const before = await readableUpTo(log, partition, end, signal)
  if (before === undefined) return undefined
  const { first, seq } = before
  let next = first + 1n
  let behind = await seqBehind(log, partition, next, signal)
  for (; behind === 'missing' && next + 2n < end && next - first < MOST_ASKED; next += 1n) {
    behind = await seqBehind(log, partition, next + 1n, signal)
  }
  const many = `${counted(Number(next - first), 'record')} ${next - first === 1n ? 'is' : 'are'}`
  const at = next - first === 1n ? `offset ${first}` : `the offsets ${first} to ${next - 1n}`
  const last = typeof behind === 'number' ? ` and in front of ${partition}:${behind}` : ''
  return [
    `${behind === 'missing' ? 'at least ' : ''}${many} missing from the log of partition ${partition} at ${at}, ` +
      `behind position ${partition}:${seq}${last}; it goes on to offset ${end - 1n}.`,
    'No reader can pass that, and no resume can. Put these very records back from a copy (a backup, a replica).',
    `Without one: cut the log in front of offset ${first}, and keep what stands behind (docs/operations.md, "Records`,
    'that are missing"); then ask again, and resume.',
  ].join('\n')
}

/** Each is asked for by itself. */
const MOST_ASKED = 500n

/** Where the first record is missing, and the position that counts in front of it. */
async function readableUpTo(log: EventLog, partition: number, end: bigint, signal: AbortSignal) {
  let state = initialFold(partition)
  // A page that holds the hole is not answered, so it is come near to by ever smaller ones.
  for (let most = MOST_READ; state.offset < end; ) {
    const until = state.offset + most < end ? state.offset + most : end
    try {
      for await (const records of log.read(partition, state.offset, { signal, until })) {
        for (const record of records) state = foldRecord(state, record).state
      }
      signal.throwIfAborted()
    } catch (error) {
      if (!isMissing(error)) throw error
      if (most === 1n) return { first: state.offset, seq: state.seq }
      most /= 10n
    }
  }
  return undefined
}

const MOST_READ = 10_000n

/**
 * The seq that the record behind `at` names, undefined where that is no commit. A log answers a record only where the
 * one in front of it is there, so whether one is there is asked by the next.
 */
async function seqBehind(log: EventLog, partition: number, at: bigint, signal: AbortSignal) {
  try {
    for await (const [record] of log.read(partition, at + 1n, { signal, until: at + 2n })) {
      const decoded = record && decodeRecord(record.value)
      return decoded?.kind === 'commit' ? decoded.commit.seq : undefined
    }
    return undefined
  } catch (error) {
    if (isMissing(error)) return 'missing'
    if (error instanceof LogError) throw error
    return undefined
  }
}

export function isMissing(error: unknown): error is LogError {
  return error instanceof LogError && error.code === 'log_truncated'
}
