import { type EventLog, LogError } from '@micropay/event-log/event-log'
import { FoldError, type Folded, foldRecord } from '@micropay/event-log/fold'
import { type FoldState, initialFold } from '@micropay/event-log/fold-state'
import type { Clock } from '@micropay/runtime/clock'
import type { AcrossVerification } from '@micropay/schemas/api/across'
import { formatPosition, formatPositions } from '@micropay/schemas/position'
import { scopedKeyIn } from '../../state/partition-state.ts'
import { createKeyWindow, type KeyWindow } from '../key-window.ts'
import { type AcrossJudge, createAcrossJudge } from './judge-across.ts'
import { createMadeGood } from './made-good.ts'

/**
 * Reads all partitions side by side, as time went, to where their ends are now, and judges what they say of payments
 * across them; that each is sound by itself is `verifyPartition`'s. What rests on a commit behind the end that was read
 * is read on to, so that nothing waits: a log that ends in front of it then has lost it. It remembers what is under way
 * at the place that it reads (judge-across.ts), and the keys of commands, 48 bytes each at most.
 */
export async function verifyAcross(log: EventLog, options: AcrossOptions): Promise<AcrossVerification> {
  const { partitions, clock } = options
  const startedMs = clock.monotonicMs()
  const ends = await Promise.all(Array.from({ length: partitions }, (_, partition) => log.end(partition)))
  const reading: Reading = {
    ...{ log, options, judge: createAcrossJudge(partitions), keys: createKeyWindow(KEPT_DAYS) },
    madeGood: createMadeGood(),
    ...{ count: 0, agedMs: 0, sharedKeys: [], sharedKeyCount: 0, records: 0 },
    parts: ends.map((end, partition) => ({ state: initialFold(partition), end, isStopped: false })),
  }
  await readAll(reading)
  await readOn(reading)
  const { judge, parts, sharedKeys, sharedKeyCount } = reading
  const found = judge.result()
  return {
    partitions,
    ledgerId: parts[0]?.state.genesis?.ledgerId ?? null,
    positions: formatPositions(parts.map(({ state: { partition, seq } }) => ({ partition, seq }))),
    sound: found.faultCount === 0,
    records: reading.records,
    ...found,
    faults: [...found.faults],
    madeGood: reading.madeGood.found(),
    ...{ sharedKeys, sharedKeyCount, durationMs: Math.round(clock.monotonicMs() - startedMs) },
  }
}

export type AcrossOptions = {
  readonly partitions: number
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly onProgress?: (records: number, of: number) => Promise<void> | void
}

/** A partition, as far as it was read; `isStopped` where its log cannot be read on. */
type Part = { state: FoldState; end: bigint; isStopped: boolean }

type Reading = {
  readonly log: EventLog
  readonly options: AcrossOptions
  readonly judge: AcrossJudge
  readonly keys: KeyWindow
  readonly madeGood: ReturnType<typeof createMadeGood>
  readonly parts: readonly Part[]
  readonly sharedKeys: AcrossVerification['sharedKeys']
  sharedKeyCount: number
  /** Of commits with a key, and the newest time of the ledger's own that any of its partitions had come to. */
  count: number
  agedMs: number
  records: number
}

/** As long as a worker keeps keys, in days of the ledger's own time. */
const KEPT_DAYS = 400
const MOST_SHARED = 20
/** Whoever is behind in time is read next, so many records at once. */
const RECORDS = 500
const MOST_PARTITIONS = 1_024

async function readAll(reading: Reading): Promise<void> {
  const { parts, options } = reading
  const all = Number(parts.reduce((sum, { end }) => sum + end, 0n))
  for (;;) {
    let next: Part | undefined
    for (const part of parts) {
      if (part.isStopped || part.state.offset >= part.end) continue
      if (!next || part.state.decidedAt < next.state.decidedAt) next = part
    }
    if (!next) return
    await readBatch(reading, next)
    await options.onProgress?.(reading.records, all)
  }
}

/** What is named and was not read yet was there when it was named: the ends are asked for after that. */
async function readOn(reading: Reading): Promise<void> {
  const { judge, parts, log } = reading
  for (let wanted = judge.wanted(); wanted.size > 0; wanted = judge.wanted()) {
    let isReadOn = false
    for (const [partition, seq] of wanted) {
      const part = parts[partition]
      if (!part || part.isStopped) {
        if (!part) judge.ends(partition)
        continue
      }
      part.end = await log.end(partition)
      while (!part.isStopped && part.state.seq < seq && part.state.offset < part.end) await readBatch(reading, part)
      if (!part.isStopped && part.state.seq < seq) judge.ends(partition)
      isReadOn ||= !part.isStopped
    }
    if (!isReadOn) return
  }
}

async function readBatch(reading: Reading, part: Part): Promise<void> {
  const { log, options } = reading
  const { offset, partition } = part.state
  const behind = offset + BigInt(RECORDS)
  const until = behind < part.end ? behind : part.end
  try {
    for await (const records of log.read(partition, offset, { signal: options.signal, maxRecords: RECORDS, until })) {
      for (const record of records) {
        const folded = foldRecord(part.state, record)
        part.state = folded.state
        take(reading, folded)
      }
      reading.records += records.length
    }
  } catch (error) {
    // Why, the verification of that partition says.
    const isOfPart = error instanceof FoldError || (error instanceof LogError && error.code === 'log_truncated')
    if (!isOfPart) throw error
    part.isStopped = true
  }
  options.signal.throwIfAborted()
}

function take(reading: Reading, folded: Folded): void {
  const { partition, seq, hash, agedMs } = folded.state
  if (folded.kind === 'resumed') reading.judge.resumed(folded.resume, { partition, seq, hash })
  if (folded.kind !== 'counted') return
  reading.judge.take(folded.commit, { partition, seq, hash })
  reading.madeGood.take(folded.commit, { partition, seq })
  const scopedKey = scopedKeyIn(folded.commit)
  if (scopedKey === undefined) return
  reading.count += 1
  reading.agedMs = Math.max(reading.agedMs, agedMs)
  const before = reading.keys.note(scopedKey, reading.count * MOST_PARTITIONS + partition, reading.agedMs)
  const alsoOn = before === undefined ? partition : before % MOST_PARTITIONS
  // That a partition counts a key twice is its own fault.
  if (alsoOn === partition) return
  reading.sharedKeyCount += 1
  if (reading.sharedKeys.length >= MOST_SHARED) return
  reading.sharedKeys.push({ position: formatPosition({ partition, seq }), alsoOn })
}
