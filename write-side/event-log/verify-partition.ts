import type { Clock } from '@micropay/runtime/clock'
import type { Verification, VerifyFault } from '@micropay/schemas/api/audit'
import type { Commit } from '@micropay/schemas/log/commit'
import type { EventLog, LogRecord } from './event-log.ts'
import { FoldError, type Folded, foldRecord, isAlarm } from './fold.ts'
import { type FoldState, initialFold } from './fold-state.ts'
import { alarmError } from './history.ts'

/**
 * Folds a partition from its first record to where its end is now, and says what it found. A record that cannot be read
 * ends it there, with a fault. Memory grows with the accounts (a currency each), not with the records.
 */
export async function verifyPartition(log: EventLog, partition: number, options: VerifyOptions): Promise<Verification> {
  const { clock, signal } = options
  const startedMs = clock.monotonicMs()
  const end = await log.end(partition)
  const audit = newAudit(partition)
  for await (const batch of log.read(partition, 0n, { signal, maxRecords: 2_000, until: end })) {
    const going = batch.every((record) => take(audit, record, options))
    await options.onProgress?.(Number(audit.state.offset), Number(end))
    if (!going) break
  }
  signal.throwIfAborted()
  return resultOf(audit, clock.monotonicMs() - startedMs)
}

export type VerifyOptions = {
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly onProgress?: (records: number, of: number) => Promise<void> | void
  /** Called after each commit that counts. */
  readonly onCommit?: (state: FoldState) => void
}

type Audit = {
  state: FoldState
  readonly counts: { commits: number; claims: number; heartbeats: number; ignored: number }
  readonly voids: Verification['voids']
  readonly voided: Verification['voided']
  readonly currencies: Map<string, string>
  readonly sums: Map<string, bigint>
  readonly faults: VerifyFault[]
  faultCount: number
}

const MOST_FAULTS = 100
const MOST_VOIDED = 50

function newAudit(partition: number): Audit {
  return {
    state: initialFold(partition),
    counts: { commits: 0, claims: 0, heartbeats: 0, ignored: 0 },
    voids: {
      ...{ stale_genesis: 0, stale_claim: 0, stale_epoch: 0, duplicate: 0 },
      ...{ chain_broken: 0, fork: 0, epoch_never_claimed: 0, unreadable_record: 0 },
    },
    voided: [],
    currencies: new Map(),
    sums: new Map(),
    faults: [],
    faultCount: 0,
  }
}

/** False when the fold cannot go on. */
function take(audit: Audit, record: LogRecord, options: VerifyOptions): boolean {
  let folded: Folded
  try {
    folded = foldRecord(audit.state, record)
  } catch (error) {
    if (!(error instanceof FoldError)) throw error
    fault(audit, { code: error.code, seq: null, detail: `${error.message}; nothing behind it was verified` })
    return false
  }
  audit.state = folded.state
  switch (folded.kind) {
    case 'counted':
      audit.counts.commits += 1
      book(audit, folded.commit)
      options.onCommit?.(folded.state)
      break
    case 'claimed':
    case 'resumed':
      audit.counts.claims += 1
      break
    case 'heartbeat':
      audit.counts.heartbeats += 1
      break
    case 'ignored':
      audit.counts.ignored += 1
      break
    case 'void':
      noteVoid(audit, folded)
  }
  return true
}

function noteVoid(audit: Audit, { reason, named }: Extract<Folded, { kind: 'void' }>): void {
  audit.voids[reason] += 1
  if (isAlarm(reason)) fault(audit, { code: reason, seq: named.seq, detail: alarmText(audit.state) })
  if (audit.voided.length < MOST_VOIDED) audit.voided.push({ reason, ...named })
}

const alarmText = (state: FoldState) => `${alarmError(state).message}: it does not count`

/**
 * Each side in the currency that its account was opened with, so a posting between two currencies leaves a sum behind.
 */
function book(audit: Audit, commit: Commit): void {
  const net = new Map<string, bigint>()
  const add = (accountId: string, amount: bigint) => {
    const currency = audit.currencies.get(accountId)
    if (currency === undefined) {
      const detail = `moves ${amount} on ${accountId}, which was never opened`
      fault(audit, { code: 'unbalanced_commit', seq: commit.seq, detail })
    } else net.set(currency, (net.get(currency) ?? 0n) + amount)
  }
  for (const event of commit.events) {
    if (event.type === 'AccountOpened') audit.currencies.set(event.data.accountId, event.data.currency)
    if (event.type !== 'PaymentPosted') continue
    for (const { from, to, amount } of event.data.postings) {
      add(from, -BigInt(amount))
      add(to, BigInt(amount))
    }
  }
  for (const [currency, amount] of net) {
    audit.sums.set(currency, (audit.sums.get(currency) ?? 0n) + amount)
    if (amount === 0n) continue
    fault(audit, { code: 'unbalanced_commit', seq: commit.seq, detail: `leaves ${amount} minor units of ${currency}` })
  }
}

function fault(audit: Audit, found: VerifyFault): void {
  audit.faultCount += 1
  if (audit.faults.length < MOST_FAULTS) audit.faults.push(found)
}

function resultOf(audit: Audit, durationMs: number): Verification {
  const { state, counts, voids, voided, faults, faultCount } = audit
  return {
    partition: state.partition,
    partitions: state.genesis?.partitions ?? null,
    ledgerId: state.genesis?.ledgerId ?? null,
    sound: faultCount === 0,
    records: Number(state.offset),
    ...counts,
    ...{ voids, voided, epoch: state.epoch, seq: state.seq, hash: state.hash, accounts: audit.currencies.size },
    sums: [...audit.sums].sort().map(([currency, amount]) => ({ currency, amount: amount.toString() })),
    ...{ faults, faultCount, durationMs: Math.round(durationMs) },
  }
}
