import type { EventLog } from '@micropay/event-log/event-log'
import { FoldError, foldRecord } from '@micropay/event-log/fold'
import { type FoldState, initialFold } from '@micropay/event-log/fold-state'
import { findPartitions } from '@micropay/event-log/ledger-partitions'
import type { Commit } from '@micropay/schemas/log/commit'
import { formatPosition, type Position } from '@micropay/schemas/position'
import { InputError } from '@micropay/sdk/input-error'

/** A commit that counts; `hash` is the one behind it. */
export type OldCommit = { readonly partition: number; readonly hash: string; readonly commit: Commit }

/** A partition of the old log: `end` is where it ended when it was looked at, `lastSeq` the last one that is wanted. */
export type OldPart = { state: FoldState; readonly end: bigint; readonly lastSeq: number | undefined }

/**
 * The partitions of a log as they stand now, up to these positions where some are named. Throws InputError where there
 * is no ledger, or no such partition.
 */
export async function partsOf(log: EventLog, until: readonly Position[]): Promise<readonly OldPart[]> {
  const partitions = await findPartitions(log).catch((cause: unknown) => {
    throw new InputError(`the old log cannot be read: ${cause instanceof Error ? cause.message : cause}`, { cause })
  })
  const strange = until.find(({ partition }) => partition >= partitions)
  if (strange) throw new InputError(`--until names ${formatPosition(strange)}, and the ledger has ${partitions}`)
  const ends = await Promise.all(Array.from({ length: partitions }, (_, partition) => log.end(partition)))
  return ends.map((end, partition) => {
    const lastSeq = until.find((position) => position.partition === partition)?.seq
    return { state: initialFold(partition), end, lastSeq }
  })
}

/**
 * The commits of all partitions in the order in which they were decided, in runs; of one partition in its own order.
 * `parts` are moved on as they are read. Throws InputError for a log that cannot be folded, that holds evidence of a
 * changed history, or that ends before a position that is wanted.
 */
export async function* commitsInOrder(
  log: EventLog,
  parts: readonly OldPart[],
  signal: AbortSignal,
): AsyncGenerator<readonly OldCommit[]> {
  const readings = parts.map((part) => ({ runs: runsOf(log, part, signal), run: [] as OldCommit[], at: 0 }))
  type Reading = (typeof readings)[number]
  const fill = async (reading: Reading) => {
    while (reading.at >= reading.run.length) {
      const next = await reading.runs.next()
      if (next.done) return false
      Object.assign(reading, { run: next.value, at: 0 })
    }
    return true
  }
  const open = new Set<Reading>()
  for (const reading of readings) if (await fill(reading)) open.add(reading)
  while (open.size > 0) {
    const [first, second] = earliest(open)
    if (!first) return
    const from = first.at
    do first.at += 1
    while (first.at < first.run.length && (!second || isBefore(headOf(first), headOf(second))))
    yield first.run.slice(from, first.at)
    if (!(await fill(first))) open.delete(first)
  }
}

type Head = { readonly run: readonly OldCommit[]; readonly at: number }

function headOf({ run, at }: Head): OldCommit {
  const head = run[at]
  if (!head) throw new RangeError('a run that is read has a next commit')
  return head
}

/** The one whose next commit was decided first, and the one after it. */
function earliest<Reading extends Head>(open: Iterable<Reading>): [Reading | undefined, Reading | undefined] {
  let first: Reading | undefined
  let second: Reading | undefined
  for (const reading of open) {
    if (!first || isBefore(headOf(reading), headOf(first))) [first, second] = [reading, first]
    else if (!second || isBefore(headOf(reading), headOf(second))) second = reading
  }
  return [first, second]
}

function isBefore(one: OldCommit, other: OldCommit): boolean {
  if (one.commit.decidedAt !== other.commit.decidedAt) return one.commit.decidedAt < other.commit.decidedAt
  return one.partition <= other.partition
}

const RECORDS = 1_000

async function* runsOf(log: EventLog, part: OldPart, signal: AbortSignal): AsyncGenerator<OldCommit[]> {
  const { partition, offset } = part.state
  const isDone = () => part.state.seq === part.lastSeq
  if (part.end > offset && !isDone()) {
    for await (const records of log.read(partition, offset, { signal, maxRecords: RECORDS, until: part.end })) {
      const run: OldCommit[] = []
      for (const record of records) {
        const folded = orInputError(() => foldRecord(part.state, record), partition)
        part.state = folded.state
        if (folded.kind === 'counted') run.push({ partition, hash: folded.state.hash, commit: folded.commit })
        if (isDone()) break
      }
      yield run
      if (isDone()) break
    }
  }
  signal.throwIfAborted()
  checkSound(part)
}

function orInputError<Result>(fold: () => Result, partition: number): Result {
  try {
    return fold()
  } catch (error) {
    if (!(error instanceof FoldError)) throw error
    throw new InputError(`partition ${partition} of the old log cannot be read on: ${error.message}`, { cause: error })
  }
}

/** What is moved must be what the old ledger is: a history that may have changed is first judged by a person. */
function checkSound({ state, lastSeq }: OldPart): void {
  const where = `partition ${state.partition} of the old log`
  if (state.alarm) {
    const detail = `${where} holds evidence of a changed history (${state.alarm.reason})`
    throw new InputError(`${detail}: see micropay verify and micropay resume first. Nothing was sent from there on.`)
  }
  if (lastSeq === undefined || state.seq === lastSeq) return
  throw new InputError(`${where} ends at ${formatPosition(state)}, and --until names ${state.partition}:${lastSeq}`)
}

/** How many commits were decided behind what was read. */
export async function commitsBehind(log: EventLog, parts: readonly OldPart[], signal: AbortSignal): Promise<number> {
  let behind = 0
  for (const { state } of parts) {
    const part: OldPart = { state, end: await log.end(state.partition), lastSeq: undefined }
    for await (const run of runsOf(log, part, signal)) behind += run.length
  }
  return behind
}
