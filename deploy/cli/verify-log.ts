import type { EventLog } from '@micropay/event-log/event-log'
import { judgeFold } from '@micropay/event-log/evidence'
import { awaitPartitions } from '@micropay/event-log/ledger-partitions'
import { type Ended, type EndedAcross, tellVerification } from '@micropay/read-side/audit/tell-verification'
import { type Clock, systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import type { Verification } from '@micropay/schemas/api/audit'
import { formatPosition } from '@micropay/schemas/position'
import { InputError } from '@micropay/sdk/input-error'
import { verifyAcross } from '@micropay/write-side/verify/across/verify-across'
import { verifyPartition } from '@micropay/write-side/verify/verify-partition'
import type { KeptVerifications } from './kept-verifications.ts'
import { askDatabases, type KnownSources } from './known-folds.ts'
import { type Progress, showProgress, type Terminal } from './progress.ts'
import { acrossLines, verificationLines } from './verification-lines.ts'

export type VerifyOptions = {
  readonly log: EventLog
  /** Which partition; all that the log has when left out. */
  readonly partition: number | undefined
  /** What earlier verifications have left, to compare with and to go on from; undefined to keep nothing. */
  readonly kept: KeptVerifications | undefined
  /** Who has read the log and keeps how far; nothing for those who are to be judged by the log alone. */
  readonly sources: Pick<KnownSources, 'databases' | 'leases'>
  readonly print: (line: string) => void
  readonly terminal: Terminal
  readonly clock?: Clock
}

/**
 * Folds the log from its first record, with no service between, and prints what it found; true when all of it is sound.
 * Where a partition is sound, what it was verified to is kept for the next time. What was found is told to the audit,
 * which tells all who look.
 */
export async function verifyLog(options: VerifyOptions): Promise<boolean> {
  const { kept, print } = options
  const verdicts: Verified['verdict'][] = []
  let records = 0
  const { present, wanted } = await partitionsOf(options)
  for (const partition of wanted) {
    const { verdict, verification } = await verifyOne(options, partition)
    const began = verification.partitions ?? present
    if (began !== present) print(`  FAULT     the ledger began with ${began} partitions, and its log has ${present}`)
    verdicts.push(began === present ? verdict : 'unsound')
    records += verification.records
  }
  if (records === 0 && !verdicts.includes('unsound')) {
    print('The log is empty: nothing was verified.')
    return false
  }
  if (wanted.length > 1) verdicts.push(await verifyAll(options, present))
  const sound = !verdicts.includes('unsound')
  const asFar = verdicts.includes('as far as known') ? ', as far as it could be compared' : ''
  if (!kept) print('Where it was verified to is not kept: name a file by --checkpoint.')
  else if (sound) print(`Where it was verified to is kept in ${kept.path}: keep a copy of it elsewhere.`)
  print(sound ? `The log is sound${asFar}.` : 'The log is NOT sound.')
  return sound
}

/** Those that are to be verified. Throws InputError for one that the ledger has not, and where there is no ledger. */
async function partitionsOf(options: VerifyOptions): Promise<{ present: number; wanted: readonly number[] }> {
  const { log, partition, print, clock = systemClock } = options
  const present = await awaitPartitions(log, {
    clock,
    withinMs: THERE_WITHIN_MS,
    onWait: (reason) => print(`Waiting: ${reason}.`),
  }).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message || cause.name : String(cause)
    throw new InputError(`the log cannot be read: ${reason}`, { cause })
  })
  if (partition === undefined) return { present, wanted: Array.from({ length: present }, (_, number) => number) }
  if (partition < present) return { present, wanted: [partition] }
  throw new InputError(`there is no partition ${partition}: the ledger has ${present}, numbered from 0`)
}

/** So long a ledger that was just started may take to begin. */
const THERE_WITHIN_MS = 10_000

type Verified = {
  readonly verification: Verification
  /** Of the log by itself, and compared with what those know who have read it, as far as they could be asked. */
  readonly verdict: 'sound' | 'as far as known' | 'unsound'
}

type Compared = Pick<Verified, 'verdict'> & { readonly contradictedBy: readonly string[] }

async function verifyOne(options: VerifyOptions, partition: number): Promise<Verified> {
  const { log, kept, print, terminal, clock = systemClock } = options
  let progress: Progress | undefined
  const { verification, fold } = await verifyPartition(log, partition, {
    ...{ clock, signal: new AbortController().signal, kept: kept?.of(partition) },
    onProgress: (records, of) => {
      progress ??= showProgress(terminal, `partition ${partition}`, of, clock)
      progress.advance(records)
    },
  }).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message || cause.name : String(cause)
    throw new InputError(`the log cannot be read: ${reason}`, { cause })
  })
  progress?.end()
  for (const line of verificationLines(verification)) print(line)
  const compared = verification.sound ? await compareKnown(options, verification, clock) : undefined
  const verdict = compared?.verdict ?? 'unsound'
  if (verdict !== 'unsound' && verification.records > 0) {
    await kept?.keep(partition, { at: new Date(clock.nowMs()).toISOString(), fold })
  }
  if (verdict === 'unsound' || verification.records > 0) {
    await tellAudit(options, { verification, fold, index: null, contradictedBy: compared?.contradictedBy ?? [] })
  }
  return { verification, verdict }
}

/** A log that lost its end is sound by itself: whoever has read it knows better. */
async function compareKnown(
  { log, sources, print }: VerifyOptions,
  { ledgerId, partition }: Verification,
  clock: Clock,
): Promise<Compared> {
  if (ledgerId === null) return { verdict: 'sound', contradictedBy: [] }
  const { known, notes, away } = await askDatabases(sources, { ledgerId, partition }, clock)
  const contradictedBy: string[] = []
  for (const { who, fold } of known) {
    const judged = await judgeFold(log, fold, new AbortController().signal)
    print(`  known     ${formatPosition(fold)}, epoch ${fold.epoch}, by ${who}`)
    if (judged.kind !== 'stopped') continue
    print(`  FAULT     ${who}: ${judged.error.message}`)
    contradictedBy.push(who)
  }
  for (const note of [...notes, ...away]) print(`  known     nothing: ${note}`)
  const otherwise = away.length > 0 ? 'as far as known' : 'sound'
  return { verdict: contradictedBy.length > 0 ? 'unsound' : otherwise, contradictedBy }
}

/** What only a terminal has said is known to nobody tomorrow: status, the pages and `start` ask the audit. */
async function tellAudit(
  { sources, print }: VerifyOptions,
  found: Required<Omit<Ended, 'by' | 'tenant'>> | Omit<EndedAcross, 'by' | 'tenant'>,
): Promise<void> {
  const url = sources.databases.audit
  if (url === undefined) {
    const isFault = !found.verification.sound || ('contradictedBy' in found && found.contradictedBy.length > 0)
    if (isFault) print('  told      nobody: name AUDIT_DATABASE_URL, and micropay status and the pages say it, too')
    return
  }
  try {
    await tellVerification(url, { ...found, by: 'micropay verify' }, createLogger('micropay', 'silent'))
    print('  told      the audit: micropay status and the pages say it, too, until the next verification')
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    print(`  told      nobody: the database of audit does not take it: ${reason}`)
  }
}

/** What all partitions say of each other. */
async function verifyAll(options: VerifyOptions, partitions: number): Promise<Verified['verdict']> {
  const { log, print, terminal, clock = systemClock } = options
  let progress: Progress | undefined
  const verification = await verifyAcross(log, {
    ...{ partitions, clock, signal: new AbortController().signal },
    onProgress: (records, of) => {
      progress ??= showProgress(terminal, 'all partitions', of, clock)
      progress.advance(records)
    },
  })
  progress?.end()
  for (const line of acrossLines(verification, clock.nowMs())) print(line)
  await tellAudit(options, { verification })
  return verification.sound ? 'sound' : 'unsound'
}
