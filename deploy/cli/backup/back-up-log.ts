import { type EventLog, LogError } from '@micropay/event-log/event-log'
import { judgeFold } from '@micropay/event-log/evidence'
import { FoldError, type Folded, foldRecord } from '@micropay/event-log/fold'
import { type FoldState, initialFold } from '@micropay/event-log/fold-state'
import { alarmError } from '@micropay/event-log/history'
import { findPartitions } from '@micropay/event-log/ledger-partitions'
import type { Clock } from '@micropay/runtime/clock'
import { formatPosition } from '@micropay/schemas/position'
import { InputError } from '@micropay/sdk/input-error'
import { counted } from '../progress.ts'
import { addToBackup, filesOfBackup, writeFrames } from './backup-files.ts'
import { frame } from './frames.ts'

export type BackupOptions = {
  readonly log: EventLog
  readonly directory: string
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly print: (line: string) => void
}

/**
 * Adds to the backup in a folder what the log has more than it, up to a vector of positions of which none rests on what
 * the backup has not: so that all partitions can be restored together. It may run while the ledger is served. Throws
 * InputError, and adds nothing, where the log does not lead on from the backup, or is not sound.
 */
export async function backUpLog({ log, directory, clock, signal, print }: BackupOptions): Promise<void> {
  const files = await filesOfBackup(directory)
  const before = files.at(-1)?.folds
  const partitions = await findPartitions(log).catch(unreadable)
  if (before && before.length !== partitions) {
    throw new InputError(`the log has ${partitions} partitions, and the backup ${before.length}: it is of another one`)
  }
  const parts = Array.from({ length: partitions }, (_, partition) => before?.[partition] ?? initialFold(partition))
  for (const fold of parts) await refuseOther(log, fold, signal)
  const ends = await Promise.all(parts.map(({ partition }) => log.end(partition))).catch(unreadable)
  if (ends.every((end) => end === 0n)) throw new InputError('the log is empty: there is nothing to back up')
  if (parts.every(({ partition, offset }) => offset === ends[partition])) {
    return print(`The log holds nothing that the backup of ${files.at(-1)?.madeAt} has not.`)
  }
  const reading: Reading = { log, signal, parts: [...parts], needed: new Map(), records: 0 }
  const number = files.length + 1
  const file = await writeFrames({ directory, number, id: clock.randomId().slice(0, 8) }, readAll(reading))
  const folds = reading.parts
  const ledgerId = folds.find(({ genesis }) => genesis)?.genesis?.ledgerId ?? ''
  const madeAt = new Date(clock.nowMs()).toISOString()
  await addToBackup(directory, { number, ledgerId, madeAt, file, folds }, parts)
  print(`${file.name}: ${counted(reading.records, 'record')}, ${counted(file.bytes, 'byte')}, SHA-256 ${file.sha256}`)
  for (const fold of folds) print(placeLine(fold))
  print('Keep a copy of the folder, and of these lines, on another machine: docs/backup.md.')
}

/** Where a partition stands, as it is compared by eye: the position, and the hash of the chain there. */
export function placeLine(fold: FoldState): string {
  return `partition ${fold.partition}: up to ${formatPosition(fold)}, hash ${fold.hash}`
}

type Reading = {
  readonly log: EventLog
  readonly signal: AbortSignal
  /** Where each partition was read to. */
  readonly parts: FoldState[]
  /** Up to which seq a commit of another partition rests on what each has decided. */
  readonly needed: Map<number, number>
  records: number
}

/** A backup that goes on from what the log is not any more would hold two histories. */
async function refuseOther(log: EventLog, fold: FoldState, signal: AbortSignal): Promise<void> {
  const judged = await judgeFold(log, fold, signal).catch(unreadable)
  if (judged.kind === 'follows') return
  const what =
    judged.kind === 'resumed' ? 'a person has accepted another history since (micropay resume)' : judged.error.message
  throw new InputError(
    `the log does not lead on from the backup: ${what}. Nothing was added, and what is there is kept. ` +
      'Look what has happened (micropay verify), and begin another folder for what the log holds now',
  )
}

/** The frames of all partitions up to where each ends by now, and then up to what any of them rests on. */
async function* readAll(reading: Reading): AsyncGenerator<Uint8Array> {
  const { log, parts } = reading
  for (const { partition } of parts) yield* readTo(reading, partition, await log.end(partition).catch(unreadable))
  for (let open = missing(reading); open !== undefined; open = missing(reading)) {
    const { partition, seq } = open
    yield* readTo(reading, partition, await log.end(partition).catch(unreadable), seq)
    const reached = parts[partition]
    if (reached && reached.seq >= seq) continue
    throw new InputError(
      `another partition rests on ${formatPosition(open)}, and the log of partition ${partition} ends before: ` +
        'nothing was added. See micropay verify',
    )
  }
  // Behind an alarm a person may have resumed, which ends it.
  const unsound = parts.find(({ alarm }) => alarm)
  if (!unsound) return
  throw new InputError(
    `the log is not sound: ${alarmError(unsound).message}. Nothing was added, and what is there is kept: ` +
      'see micropay verify, and docs/operations.md',
  )
}

/** A partition that has not come to what another one rests on; such chains end, since each goes back in time. */
function missing({ parts, needed }: Reading): { partition: number; seq: number } | undefined {
  const found = parts.find(({ partition, seq }) => (needed.get(partition) ?? 0) > seq)
  return found && { partition: found.partition, seq: needed.get(found.partition) ?? 0 }
}

async function* readTo(
  reading: Reading,
  partition: number,
  until: bigint,
  upToSeq?: number,
): AsyncGenerator<Uint8Array> {
  const { log, signal, parts } = reading
  const from = parts[partition] ?? initialFold(partition)
  try {
    for await (const records of log.read(partition, from.offset, { signal, until })) {
      const frames: Uint8Array[] = []
      for (const record of records) {
        take(reading, foldRecord(parts[partition] ?? from, record))
        frames.push(frame({ partition, record }))
        if (upToSeq !== undefined && (parts[partition]?.seq ?? 0) >= upToSeq) break
      }
      yield Buffer.concat(frames)
      if (upToSeq !== undefined && (parts[partition]?.seq ?? 0) >= upToSeq) return
    }
  } catch (error) {
    if (error instanceof LogError || error instanceof FoldError) unreadable(error)
    throw error
  }
  signal.throwIfAborted()
}

function take(reading: Reading, folded: Folded): void {
  const { state } = folded
  reading.parts[state.partition] = state
  reading.records += 1
  if (folded.kind !== 'counted') return
  for (const { partition, seq } of folded.commit.causes ?? []) {
    reading.needed.set(partition, Math.max(seq, reading.needed.get(partition) ?? 0))
  }
}

function unreadable(cause: unknown): never {
  const reason = cause instanceof Error ? cause.message || cause.name : String(cause)
  throw new InputError(`the log cannot be read: ${reason}. Nothing was added`, { cause })
}
