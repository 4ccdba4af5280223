import type { EventLog, LogRecord } from '@micropay/event-log/event-log'
import { foldRecord, isAlarm } from '@micropay/event-log/fold'
import { foldLog } from '@micropay/event-log/fold-log'
import { initialFold } from '@micropay/event-log/fold-state'
import type { Commit } from '@micropay/schemas/log/commit'
import { decodeRecord } from '@micropay/schemas/log/ledger-record'

/** What stands in the log and does not count since history was changed in front of it, or there. */
export type VoidRecord =
  | {
      readonly kind: 'commit'
      readonly commit: Commit
      /** The last one that counts in front of a chain that breaks here: it, or this one, was changed. */
      readonly suspect: Commit | undefined
    }
  /** Bytes that are no record any more; `seq` is what it had if it was a commit. */
  | { readonly kind: 'unreadable'; readonly offset: bigint; readonly seq: number }

/** In the log's order, what does not count and nobody has accepted. Keeps nothing: there may be millions. */
export async function* voidRecords(
  log: EventLog,
  partition: number,
  signal: AbortSignal,
): AsyncGenerator<VoidRecord, void> {
  const until = await log.end(partition)
  const accepted = await acceptedUpTo(log, partition, until, signal)
  let state = initialFold(partition)
  let newest: Commit | undefined
  let seq = 0
  for await (const records of log.read(partition, 0n, { signal, until })) {
    for (const record of records) {
      const folded = foldRecord(state, record)
      state = folded.state
      if (folded.kind === 'counted') newest = folded.commit
      if (folded.kind === 'counted' || folded.kind === 'resumed') seq = folded.state.seq
      if (folded.kind !== 'void' || !isAlarm(folded.reason) || record.offset < accepted) continue
      const commit = commitIn(record)
      if (folded.reason === 'unreadable_record') {
        seq += 1
        yield { kind: 'unreadable', offset: record.offset, seq }
      } else if (commit) {
        seq = commit.seq
        yield { kind: 'commit', commit, suspect: folded.reason === 'chain_broken' ? newest : undefined }
      } else continue
      // What stands in front of the first one is all that may have been changed without a sign.
      newest = undefined
    }
  }
  signal.throwIfAborted()
}

/** The offset behind the last resume that counts: a person has accepted what stands in front of it. */
async function acceptedUpTo(log: EventLog, partition: number, until: bigint, signal: AbortSignal): Promise<bigint> {
  let accepted = 0n
  await foldLog(log, initialFold(partition), {
    ...{ signal, until },
    each: (folded) => {
      if (folded.kind === 'resumed') accepted = folded.state.offset
    },
  })
  return accepted
}

/** Undefined for heartbeats, and for bytes that are no record any more. */
function commitIn({ value }: LogRecord): Commit | undefined {
  try {
    const decoded = decodeRecord(value)
    return decoded.kind === 'commit' ? decoded.commit : undefined
  } catch {
    return undefined
  }
}
