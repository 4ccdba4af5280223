import type { EventLog, NewRecord } from '@micropay/event-log/event-log'
import { judgeFold } from '@micropay/event-log/evidence'
import type { FoldState } from '@micropay/event-log/fold-state'
import type { Clock } from '@micropay/runtime/clock'
import { formatPosition } from '@micropay/schemas/position'
import { InputError } from '@micropay/sdk/input-error'
import { verifyAcross } from '@micropay/write-side/verify/across/verify-across'
import { verifyPartition } from '@micropay/write-side/verify/verify-partition'
import { type KnownSources, openKnownFolds } from '../known-folds.ts'
import { counted } from '../progress.ts'
import { type ResumeOptions, resumeLog } from '../resume-log.ts'
import { acrossLines, verificationLines } from '../verification-lines.ts'
import { readFramesOf } from './backup-files.ts'
import { checkBackup } from './check-backup.ts'
import type { Manifest } from './manifest.ts'

export type RestoreRequest = {
  readonly directory: string
  /**
   * Nothing was acknowledged behind the backup; or something may have been, and who says so and why: then each
   * partition goes on above all that anybody may have been told.
   */
  readonly ending: 'complete' | { readonly actor: string; readonly reason: string }
}

export type RestoreOptions = RestoreRequest & {
  readonly log: EventLog
  /** Of the installation, where that is known. */
  readonly ledgerId: string | undefined
  readonly sources: KnownSources
  /** Where what is lost is listed. */
  readonly listsIn: string
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly print: (line: string) => void
}

/** Nothing was written into the log: it is as it was. */
export class RestoreRefusedError extends InputError {}

/**
 * Puts a backup into an empty log, reads it back from there and verifies it. Nothing may serve the ledger meanwhile.
 * True when it is sound, and nobody who can be asked knows more than it. Throws RestoreRefusedError where the backup is
 * damaged or of another ledger, or the log is not empty; InputError where a part of it may be in the log.
 */
export async function restoreLog(options: RestoreOptions): Promise<boolean> {
  const { print } = options
  const files = await checkBefore(options).catch((cause: unknown) => {
    throw new RestoreRefusedError(cause instanceof Error ? cause.message : String(cause), { cause })
  })
  const folds = files.at(-1)?.folds ?? []
  await append(options, files)
  if (!(await isRestored(options, folds))) return false
  print('All of the backup is in the log, and it is sound.')
  const [first] = files
  return options.ending === 'complete' ? isComplete(options, first.ledgerId) : goOn(options, options.ending, folds)
}

/** The backup's files, where all of it may go into the log. */
async function checkBefore({ directory, log, ledgerId, print }: RestoreOptions) {
  const files = await checkBackup(directory, print)
  const [first] = files
  if (ledgerId !== undefined && ledgerId !== first.ledgerId) {
    const advice = 'put back its settings first, or name another backup'
    throw new InputError(`the backup is of the ledger ${first.ledgerId}, and ours is ${ledgerId}: ${advice}`)
  }
  await refuseFilled(log, files.at(-1)?.folds.length ?? 0)
  return files
}

async function refuseFilled(log: EventLog, partitions: number): Promise<void> {
  const present = await log.partitions()
  if (present !== undefined) {
    const ends = await Promise.all(Array.from({ length: present }, (_, partition) => log.end(partition)))
    const filled = ends.findIndex((end) => end > 0n)
    if (filled >= 0) {
      throw new InputError(
        `the log is not empty: partition ${filled} has ${counted(Number(ends[filled]), 'record')}. ` +
          'A backup goes into an empty log alone: name another one, or delete this one if nobody needs it',
      )
    }
  }
  await log.prepare(partitions)
}

/** What goes into one append: every store takes as much. */
const MOST_RECORDS = 500
const MOST_BYTES = 4 * 1024 * 1024

async function append({ directory, log }: RestoreOptions, files: readonly Manifest[]): Promise<void> {
  const ends = new Map<number, bigint>()
  const send = async (partition: number, records: readonly NewRecord[]) => {
    const expected = ends.get(partition) ?? 0n
    const appender = await log.openAppender(partition)
    const { offset } = await appender
      .append(records)
      .catch((cause: unknown) => {
        const reason = cause instanceof Error ? cause.message : String(cause)
        throw new InputError(`the log does not take the backup: ${reason}. Empty it, and restore again`, { cause })
      })
      .finally(() => appender.close())
    if (offset !== expected) {
      throw new InputError(`somebody else writes to partition ${partition}: stop all workers, and begin anew`)
    }
    ends.set(partition, expected + BigInt(records.length))
  }
  for (const file of files) {
    let [partition, bytes] = [0, 0]
    let waiting: NewRecord[] = []
    const flush = async () => {
      if (waiting.length > 0) await send(partition, waiting)
      waiting = []
      bytes = 0
    }
    for await (const frames of readFramesOf(directory, file)) {
      for (const framed of frames) {
        const size = framed.record.value.byteLength
        const isFull = waiting.length === MOST_RECORDS || bytes + size > MOST_BYTES
        if (framed.partition !== partition || isFull) await flush()
        partition = framed.partition
        waiting.push(framed.record)
        bytes += size
      }
    }
    await flush()
  }
}

/** By what the log holds now: it ends where the backup does, leads to the same hash, and has no fault. */
async function isRestored({ log, clock, signal, print }: RestoreOptions, folds: readonly FoldState[]) {
  let isSound = true
  for (const said of folds) {
    const { partition } = said
    const { verification, fold } = await verifyPartition(log, partition, { clock, signal })
    for (const line of verificationLines(verification)) print(line)
    const isSame = fold.offset === said.offset && fold.seq === said.seq && fold.hash === said.hash
    if (!isSame)
      print(`  FAULT     partition ${partition} does not lead to where the backup does: a worker wrote to it`)
    isSound &&= isSame && verification.sound
  }
  if (folds.length > 1) {
    const across = await verifyAcross(log, { partitions: folds.length, clock, signal })
    for (const line of acrossLines(across, clock.nowMs())) print(line)
    isSound &&= across.sound
  }
  if (!isSound) print('The log is NOT as the backup has it, or not sound: start nothing on it.')
  return isSound
}

/** Whoever survived what was lost may know of more. */
async function isComplete(options: RestoreOptions, ledgerId: string): Promise<boolean> {
  const { log, sources, clock, signal, print } = options
  const partitions = (await log.partitions()) ?? 0
  const more: string[] = []
  for (let partition = 0; partition < partitions; partition += 1) {
    const folds = await openKnownFolds(sources, { ledgerId, partition }, clock)
    try {
      for (const { who, fold } of folds.known) {
        const judged = await judgeFold(log, fold, signal)
        if (judged.kind === 'stopped')
          more.push(`  WRONG     ${formatPosition(fold)}, by ${who}: ${judged.error.message}`)
      }
    } finally {
      await folds.close()
    }
  }
  for (const line of more) print(line)
  if (more.length === 0)
    print('Nobody who was asked knows of more. Start the ledger, and run micropay verify once more.')
  else print('The backup is NOT all that there was: restore a newer one, or accept the loss by micropay resume.')
  return more.length === 0
}

type Lost = Exclude<RestoreRequest['ending'], 'complete'>

/** Nothing tells whoever serves it next what was acknowledged behind the backup: its positions are passed over. */
async function goOn(options: RestoreOptions, { actor, reason }: Lost, folds: readonly FoldState[]): Promise<boolean> {
  const { log, ledgerId, sources, listsIn, clock, print } = options
  const outcomes = await Promise.all(
    folds.map(async ({ partition }) => {
      const lines: string[] = []
      const resuming: ResumeOptions = {
        ...{ log, ledgerId, sources, partition, actor, reason, clock, yes: true, mayHaveLost: true },
        ...{ directory: listsIn, print: (line: string) => void lines.push(line) },
      }
      const resumed = await resumeLog(resuming)
      return { lines, resumed }
    }),
  )
  for (const { lines } of outcomes) for (const line of lines) print(line)
  return outcomes.every(({ resumed }) => resumed)
}
