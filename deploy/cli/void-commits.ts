import type { EventLog, LogRecord } from '@micropay/event-log/event-log'
import { foldRecord, isAlarm } from '@micropay/event-log/fold'
import { foldLog } from '@micropay/event-log/fold-log'
import { initialFold } from '@micropay/event-log/fold-state'
import type { Commit } from '@micropay/schemas/log/commit'
import { decodeRecord } from '@micropay/schemas/log/ledger-record'

/** A commit whose record stands in the log, and which does not count since history was changed in front of it. */
export type VoidCommit = {
  readonly commit: Commit
  /** The last one that counts in front of a chain that breaks here: it, or this one, was changed. */
  readonly suspect: Commit | undefined
}

/** In the log's order, what does not count and nobody has accepted. Keeps nothing: there may be millions. */
export async function* voidCommits(
  log: EventLog,
  partition: number,
  signal: AbortSignal,
): AsyncGenerator<VoidCommit, void> {
  const until = await log.end(partition)
  const accepted = await acceptedUpTo(log, partition, until, signal)
  let state = initialFold(partition)
  let newest: Commit | undefined
  for await (const records of log.read(partition, 0n, { signal, until })) {
    for (const record of records) {
      const folded = foldRecord(state, record)
      state = folded.state
      if (folded.kind === 'counted') newest = folded.commit
      if (folded.kind !== 'void' || !isAlarm(folded.reason) || record.offset < accepted) continue
      const commit = commitIn(record)
      if (!commit) continue
      yield { commit, suspect: folded.reason === 'chain_broken' ? newest : undefined }
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
