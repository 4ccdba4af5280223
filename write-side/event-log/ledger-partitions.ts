import { type BackOff, backOff } from '@micropay/runtime/back-off'
import type { Clock } from '@micropay/runtime/clock'
import { newLedgerPartitions } from '@micropay/runtime/config'
import { decodeRecord } from '@micropay/schemas/log/ledger-record'
import { type EventLog, LogError } from './event-log.ts'

/** How many partitions a new ledger gets, unless PARTITIONS says another number. */
const NEW_LEDGER_PARTITIONS = 1

/** Of whoever begins ledgers. */
export const newLedgerEnvironment = { PARTITIONS: newLedgerPartitions }

/**
 * The number of partitions of the ledger in this log, which is begun with `asked` where there is none; or, where nobody
 * asks, with as many as this worker has states of (`kept`): each of them sees then that its log is gone. Throws
 * LogError `log_mismatch` for a ledger of another number than `asked`, for a log that does not fit what its genesis
 * says, and for one whose settings could lose records.
 */
export async function prepareLedgerLog(log: EventLog, asked: number | undefined, kept = 0): Promise<number> {
  const wanted = asked ?? Math.max(kept, NEW_LEDGER_PARTITIONS)
  const present = (await log.partitions()) ?? (await begin(log, wanted))
  if (asked !== undefined && asked !== present) {
    throw new LogError(
      'log_mismatch',
      `the ledger has ${present} partitions and PARTITIONS is ${asked}: leave PARTITIONS out, or set it to ` +
        `${present}. A ledger keeps the number that it began with; one of another number begins in an empty log`,
    )
  }
  await log.prepare(present)
  await checkGenesis(log, present)
  return present
}

/** Two workers may begin it at once, each with a number of its own: the first one's holds. */
async function begin(log: EventLog, partitions: number): Promise<number> {
  try {
    await log.prepare(partitions)
    return partitions
  } catch (error) {
    const present = error instanceof LogError && error.code === 'log_mismatch' ? await log.partitions() : undefined
    if (present === undefined) throw error
    return present
  }
}

/** A log that was given more partitions later would place accounts elsewhere. */
async function checkGenesis(log: EventLog, partitions: number): Promise<void> {
  const genesis = await findGenesis(log, partitions)
  if (genesis === undefined || genesis.partitions === partitions) return
  throw new LogError(
    'log_mismatch',
    `the ledger began with ${genesis.partitions} partitions and its log has ${partitions}: a log is never given more ` +
      'partitions; restore it, or name the right one',
  )
}

/** Of the first partition that has begun. Where something else stands there, whoever folds it says so better. */
async function findGenesis(log: EventLog, partitions: number) {
  for (let partition = 0; partition < partitions; partition += 1) {
    if ((await log.end(partition)) === 0n) continue
    const first = log.read(partition, 0n, { signal: new AbortController().signal, maxRecords: 1, until: 1n })
    try {
      for await (const [record] of first) {
        const decoded = record && decodeRecord(record.value)
        return decoded?.kind === 'genesis' ? decoded.genesis : undefined
      }
    } catch (error) {
      if (error instanceof LogError && error.code !== 'log_truncated') throw error
    }
    return undefined
  }
  return undefined
}

/**
 * The number of partitions, for whoever only reads: it begins no ledger. Throws LogError `log_missing` where there is
 * none yet.
 */
export async function findPartitions(log: EventLog): Promise<number> {
  const present = await log.partitions()
  if (present !== undefined) return present
  throw new LogError('log_missing', 'there is no ledger in this log yet: the first worker (write-side) begins it')
}

/** The same, and waits so long for the first worker; `onWait` is told once why. */
export async function awaitPartitions(log: EventLog, { clock, withinMs, onWait }: Patience): Promise<number> {
  const untilMs = clock.monotonicMs() + withinMs
  for (let tries = 1; ; tries += 1) {
    try {
      return await findPartitions(log)
    } catch (error) {
      if (!(error instanceof LogError && error.code === 'log_missing')) throw error
      if (clock.monotonicMs() >= untilMs) throw error
      if (tries === 1) onWait?.(error.message)
      await clock.sleep(backOff(tries, whileMissing))
    }
  }
}

type Patience = {
  readonly clock: Clock
  readonly withinMs: number
  readonly onWait?: (reason: string) => void
}

/** How often to look for a log that is not there yet. */
export const whileMissing: BackOff = { firstMs: 100, mostMs: 1_000 }
