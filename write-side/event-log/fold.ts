import { createHash, hash } from 'node:crypto'
import type { Claim, Commit, Genesis, Heartbeat, LedgerRecord, Resume } from '@micropay/schemas/log/commit'
import { EVENT_GENERATION } from '@micropay/schemas/log/event'
import { decodeRecord, MalformedRecordError } from '@micropay/schemas/log/ledger-record'
import { AlarmReason, type VoidReason } from '@micropay/schemas/log/void-reason'
import type { LogRecord } from './event-log.ts'
import { countedFold, type FoldState } from './fold-state.ts'

/**
 * The fenced log's rule, as one pure function that every reader folds a partition with. The state is a function of the
 * log's prefix alone, so all readers agree on which records count. docs/log-protocol.md says why each rule is there.
 * It goes on over records that are evidence of a changed history (`alarm`): whether a reader may is `goOn`'s.
 */
export function foldRecord(state: FoldState, record: LogRecord): Folded {
  if (record.offset !== state.offset) {
    throw new FoldError('offset_gap', `expected offset ${state.offset} of the log and got ${record.offset}`)
  }
  const decoded = decode(record)
  const next = { ...state, offset: state.offset + 1n }
  switch (decoded?.kind) {
    case undefined:
      return alarmed(next, 'unreadable_record', nothing)
    case 'genesis':
      return foldGenesis(next, decoded.genesis)
    case 'claim':
      return foldClaim(next, decoded.claim)
    case 'resume':
      return foldResume(next, decoded.resume, record.value)
    case 'commit':
      return foldCommit(next, decoded.commit, record.value)
    case 'heartbeat':
      return foldHeartbeat(next, decoded.heartbeat)
    case 'ignored':
      return { kind: 'ignored', state: next }
  }
}

/** What one record did. A void of one of the alarm reasons is a bug, a truncated log, or tampering. */
export type Folded =
  | { readonly kind: 'genesis'; readonly state: FoldState; readonly genesis: Genesis }
  | { readonly kind: 'claimed'; readonly state: FoldState; readonly claim: Claim }
  | { readonly kind: 'resumed'; readonly state: FoldState; readonly resume: Resume }
  | { readonly kind: 'counted'; readonly state: FoldState; readonly commit: Commit }
  | { readonly kind: 'heartbeat'; readonly state: FoldState; readonly at: string; readonly current: boolean }
  | { readonly kind: 'void'; readonly state: FoldState; readonly reason: VoidReason; readonly named: Named }
  | { readonly kind: 'ignored'; readonly state: FoldState }

/** What a record that does not count says of itself; null where it says nothing. */
export type Named = { readonly epoch: number | null; readonly seq: number | null }

/** A claim may raise the epoch by at most this much, so that no slip can lock a partition for good. */
export const MAX_EPOCH_STEP = 1000

export type FoldErrorCode =
  | 'unknown_record'
  | 'unknown_generation'
  | 'resume_mismatch'
  | 'no_genesis'
  | 'offset_gap'
  | 'wrong_ledger'

/** A reader stops on this partition, loudly: reading on would mean guessing. */
export class FoldError extends Error {
  readonly code: FoldErrorCode

  constructor(code: FoldErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** The hash that the first commit of a partition follows: SHA-256 over the ledger's id and the partition's number. */
export function firstHash(ledgerId: string, partition: number): string {
  return createHash('sha256').update(`${ledgerId}\n${partition}`).digest('base64url')
}

/** SHA-256 over the previous 32 bytes and the record's exact bytes. */
export function nextHash(previousHash: string, value: Uint8Array): string {
  // Each reader does this for each record: a buffer of its own would be garbage at once.
  if (hashed.byteLength < HASH_BYTES + value.byteLength) hashed = Buffer.alloc(2 * (HASH_BYTES + value.byteLength))
  // Fewer bytes of a record whose previous hash is none.
  const before = hashed.write(previousHash, 0, HASH_BYTES, 'base64url')
  hashed.set(value, before)
  return hash('sha256', hashed.subarray(0, before + value.byteLength), 'base64url')
}

const HASH_BYTES = 32
let hashed = Buffer.alloc(4096)

function foldGenesis(next: FoldState, genesis: Genesis): Folded {
  if (next.genesis) return voided(next, 'stale_genesis', nothing)
  if (genesis.partition !== next.partition) {
    throw new FoldError('wrong_ledger', `the genesis names partition ${genesis.partition}, this is ${next.partition}`)
  }
  return { kind: 'genesis', genesis, state: { ...next, genesis, hash: firstHash(genesis.ledgerId, genesis.partition) } }
}

function foldClaim(next: FoldState, claim: Claim): Folded {
  checkGeneration(next, claim)
  if (!takesOver(next, claim)) return voided(next, 'stale_claim', { epoch: claim.epoch, seq: null })
  return { kind: 'claimed', claim, state: { ...next, ...heldBy(next, claim), seqAtClaim: next.seq } }
}

/** A claim that also moves seq and hash. One that was made for another past than this reader's stops it. */
function foldResume(next: FoldState, resume: Resume, value: Uint8Array): Folded {
  checkGeneration(next, resume)
  if (!takesOver(next, resume)) return voided(next, 'stale_claim', resume)
  const { seq, previousSeq, previousHash } = resume
  if (previousSeq !== next.seq || previousHash !== next.hash || seq <= next.seq) {
    const found = `this log leads to ${next.partition}:${next.seq}`
    throw new FoldError('resume_mismatch', `a resume goes on from ${next.partition}:${previousSeq}, and ${found}`)
  }
  const state = {
    ...next,
    ...heldBy(next, resume),
    ...{ seq, seqAtClaim: seq, hash: nextHash(previousHash, value), previousHash, countedAt: next.offset - 1n },
    ...{ alarm: undefined, acceptedDecidedAt: next.decidedAt },
  }
  return { kind: 'resumed', resume, state }
}

function takesOver(state: FoldState, { epoch }: Claim | Resume): boolean {
  return epoch > state.epoch && epoch <= state.epoch + MAX_EPOCH_STEP
}

function heldBy(next: FoldState, { epoch, claimId, eventGeneration }: Claim | Resume) {
  const generation = Math.max(next.generation, eventGeneration)
  return { epoch, epochBefore: next.epoch, claimId, claimedAt: next.offset - 1n, generation }
}

/** What newer code writes may change what records mean, so older code stops in front of it. */
function checkGeneration({ genesis, partition }: FoldState, { eventGeneration }: Claim | Resume): void {
  if (!genesis) throw new FoldError('no_genesis', 'a claim stands before the genesis record')
  if (eventGeneration <= EVENT_GENERATION) return
  const known = `this code knows generations up to ${EVENT_GENERATION}: upgrade this process first`
  throw new FoldError(
    'unknown_generation',
    `partition ${partition} is written in generation ${eventGeneration}; ${known}`,
  )
}

function foldCommit(next: FoldState, commit: Commit, value: Uint8Array): Folded {
  if (!next.genesis) throw new FoldError('no_genesis', 'a commit stands before the genesis record')
  const { epoch, seq } = commit
  if (isUnclaimed(next, epoch)) return alarmed(next, 'epoch_never_claimed', commit)
  if (epoch < next.epoch) return voided(next, 'stale_epoch', commit)
  if (seq <= next.seqAtClaim) return alarmed(next, 'fork', commit)
  if (seq <= next.seq) return voided(next, 'duplicate', commit)
  if (seq !== next.seq + 1 || commit.previousHash !== next.hash) return alarmed(next, 'chain_broken', commit)
  return { kind: 'counted', commit, state: countedFold(next, nextHash(next.hash, value), commit.decidedAt) }
}

function foldHeartbeat(next: FoldState, { epoch, at }: Heartbeat): Folded {
  if (isUnclaimed(next, epoch)) return alarmed(next, 'epoch_never_claimed', { epoch, seq: null })
  return { kind: 'heartbeat', at, state: next, current: epoch === next.epoch }
}

/**
 * Above the claim that stands, or between it and the one before: a claim whose epoch was changed must not turn what its
 * owner wrote into that of a deposed one. Further back there may be what was lost, and was given up by a resume.
 */
function isUnclaimed(state: FoldState, epoch: number): boolean {
  return epoch > state.epoch || (epoch > state.epochBefore && epoch < state.epoch)
}

const nothing: Named = { epoch: null, seq: null }

function voided(next: FoldState, reason: VoidReason, { epoch, seq }: Named): Folded {
  return { kind: 'void', reason, named: { epoch, seq }, state: { ...next, voids: next.voids + 1 } }
}

/** The first alarm stays: what follows it is mostly its consequence. */
function alarmed(next: FoldState, reason: AlarmReason, { epoch, seq }: Named): Folded {
  const alarm = next.alarm ?? { reason, seq, offset: next.offset - 1n }
  return { kind: 'void', reason, named: { epoch, seq }, state: { ...next, voids: next.voids + 1, alarm } }
}

/** Whether a record that does not count is evidence of a changed history. */
export function isAlarm(reason: VoidReason): reason is AlarmReason {
  return AlarmReason.safeParse(reason).success
}

/** Undefined for bytes that are no record of any version. */
function decode(record: LogRecord): LedgerRecord | undefined {
  try {
    return decodeRecord(record.value)
  } catch (cause) {
    if (cause instanceof MalformedRecordError) return undefined
    const reason = cause instanceof Error ? cause.message : String(cause)
    const message = `the record at offset ${record.offset} of the log cannot be read: ${reason}`
    throw new FoldError('unknown_record', message, { cause })
  }
}
