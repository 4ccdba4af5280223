import { createHash, hash } from 'node:crypto'
import type { Claim, Commit, Genesis, Heartbeat, LedgerRecord, Resume } from '@micropay/schemas/log/commit'
import { UnknownEventError } from '@micropay/schemas/log/event-versions'
import { EVENT_GENERATION } from '@micropay/schemas/log/generations'
import { decodeRecord, MalformedRecordError, UnknownRecordError } from '@micropay/schemas/log/ledger-record'
import { AlarmReason, type StopReason, type VoidReason } from '@micropay/schemas/log/void-reason'
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
  const decoded = decode(record, state)
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

/** What one record did. A void of one of the alarm reasons is a bug, a truncated log, or tampering; a resume that does
 * not follow is such a void, and a claim all the same. */
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

/** A claim may raise the epoch by at most this much, so that no digit that was changed locks a partition for good. */
export const MAX_EPOCH_STEP = 1000

export type FoldErrorCode = 'unknown_record' | 'no_genesis' | 'offset_gap' | 'wrong_ledger'

/** A reader stops on this partition, loudly: reading on would mean guessing, and no resume helps. */
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
    const named = `the genesis names partition ${genesis.partition}, this is ${next.partition}`
    throw new FoldError('wrong_ledger', `${named}: this is another log, or its first record was changed`)
  }
  return { kind: 'genesis', genesis, state: { ...next, genesis, hash: firstHash(genesis.ledgerId, genesis.partition) } }
}

function foldClaim(next: FoldState, claim: Claim): Folded {
  checkBegun(next, 'a claim')
  const claimed = { kind: 'claimed', claim, state: announced(heldBy(next, claim), claim) } as const
  return notTaken(next, claim.epoch, null) ?? claimed
}

/**
 * A claim that also moves seq and hash. One that was made for another past than this reader's is a claim alone: who was
 * deposed rests on no past, and what counts is one chain.
 */
function foldResume(next: FoldState, resume: Resume, value: Uint8Array): Folded {
  checkBegun(next, 'a resume')
  const { epoch, seq, previousSeq, previousHash, eventGeneration } = resume
  // Its writer has claimed the epoch before it: where that was never claimed, a digit of that claim was changed.
  if (epoch <= next.epoch && isUnclaimed(next, epoch - 1)) return alarmed(next, 'epoch_never_claimed', resume)
  const refused = notTaken(next, epoch, seq)
  if (refused) return refused
  const held = heldBy(next, resume)
  if (previousSeq !== next.seq || previousHash !== next.hash || seq <= next.seq) {
    return alarmed(held, 'resume_mismatch', resume)
  }
  const accepted = {
    ...held,
    ...{ seq, seqAtClaim: seq, hash: nextHash(previousHash, value), previousHash, countedAt: next.offset - 1n },
    ...{ alarm: undefined, acceptedDecidedAt: next.decidedAt, generation: eventGeneration },
  }
  return { kind: 'resumed', resume, state: announced(accepted, resume) }
}

/** What a claim is that does not take over. No writer goes far above what it has read, so that is no claim of one. */
function notTaken(next: FoldState, epoch: number, seq: number | null): Folded | undefined {
  if (epoch <= next.epoch) return voided(next, 'stale_claim', { epoch, seq })
  if (epoch > next.epoch + MAX_EPOCH_STEP) return alarmed(next, 'epoch_never_claimed', { epoch, seq })
  return undefined
}

function heldBy(next: FoldState, { epoch, claimId, eventGeneration }: Claim | Resume): FoldState {
  const generation = Math.max(next.generation, eventGeneration)
  const claimed = { epoch, epochBefore: next.epoch, claimId, claimedAt: next.offset - 1n, generation }
  return { ...next, ...claimed, seqAtClaim: next.seq }
}

/** What newer code writes may change what records mean, so older code stops; newer code counts the same claim. */
function announced(state: FoldState, claim: Claim | Resume): FoldState {
  return announcesUnknown(claim) ? withAlarm(state, 'unknown_generation', null) : state
}

/** Whether newer code than this wrote a claim, or a digit of it was changed: nothing in the log tells which. */
export function announcesUnknown({ eventGeneration }: Claim | Resume): boolean {
  return eventGeneration > EVENT_GENERATION
}

function checkBegun({ genesis }: FoldState, what: string): void {
  if (genesis) return
  const cause = 'the first record of the log, which says whose it is, was changed, or this is another log'
  throw new FoldError('no_genesis', `${what} stands before the genesis record: ${cause}`)
}

function foldCommit(next: FoldState, commit: Commit, value: Uint8Array): Folded {
  checkBegun(next, 'a commit')
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

function alarmed(next: FoldState, reason: AlarmReason, named: Named): Folded {
  return voided(withAlarm(next, reason, named.seq), reason, named)
}

/** The first alarm stays: what follows it is mostly its consequence. */
function withAlarm(next: FoldState, reason: StopReason, seq: number | null): FoldState {
  return { ...next, alarm: next.alarm ?? { reason, seq, offset: next.offset - 1n } }
}

/** Whether a record that does not count is evidence of a changed history. */
export function isAlarm(reason: VoidReason): reason is AlarmReason {
  return AlarmReason.safeParse(reason).success
}

/**
 * Undefined for bytes that are no record. What newer code brings is claimed first: what does not decode under a
 * generation that this code knows was changed, and so is what this code knows of a later one. Under an unknown one it
 * may be a kind, an event, a command or a value that newer code brought, so nobody here may take it for none.
 */
function decode(record: LogRecord, { generation }: FoldState): LedgerRecord | undefined {
  try {
    return decodeRecord(record.value, Math.max(1, generation))
  } catch (cause) {
    const isUnknown =
      cause instanceof MalformedRecordError || cause instanceof UnknownRecordError || cause instanceof UnknownEventError
    if (isUnknown && generation <= EVENT_GENERATION) return undefined
    const reason = cause instanceof Error ? cause.message : String(cause)
    const known = `it is written in generation ${generation}; this code knows generations up to ${EVENT_GENERATION}`
    const advice = isUnknown ? `; ${known}: upgrade this process first` : ''
    const message = `the record at offset ${record.offset} of the log cannot be read: ${reason}${advice}`
    throw new FoldError('unknown_record', message, { cause })
  }
}
