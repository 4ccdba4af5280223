import { createHash, hash } from 'node:crypto'
import type { Claim, Commit, Genesis, LedgerRecord } from '@micropay/schemas/log/commit'
import { decodeRecord } from '@micropay/schemas/log/ledger-record'
import type { VoidReason } from '@micropay/schemas/log/void-reason'
import type { LogRecord } from './event-log.ts'

/**
 * The fenced log's rule, as one pure function that every reader folds a partition with. The state is a function of the
 * log's prefix alone, so all readers agree on which records count. docs/log-protocol.md says why each rule is there.
 */
export function foldRecord(state: FoldState, record: LogRecord): Folded {
  if (record.offset !== state.offset) {
    throw new FoldError('offset_gap', `expected offset ${state.offset} of the log and got ${record.offset}`)
  }
  const decoded = decode(record)
  const next = { ...state, offset: state.offset + 1n }
  switch (decoded.kind) {
    case 'genesis':
      return foldGenesis(next, decoded.genesis)
    case 'claim':
      return foldClaim(next, decoded.claim)
    case 'commit':
      return foldCommit(next, decoded.commit, record.value)
    case 'heartbeat':
      if (decoded.heartbeat.epoch > state.epoch) throw neverClaimed(decoded.heartbeat.epoch, state)
      return {
        kind: 'heartbeat',
        state: next,
        at: decoded.heartbeat.at,
        current: decoded.heartbeat.epoch === state.epoch,
      }
    case 'ignored':
      return { kind: 'ignored', state: next }
  }
}

/** `hash` is 32 bytes in base64url; `offset` is the log's next one, and moves for claims, voids and heartbeats too. */
export type FoldState = {
  readonly partition: number
  readonly genesis: Genesis | undefined
  readonly epoch: number
  readonly claimId: string
  readonly seq: number
  readonly hash: string
  readonly offset: bigint
  readonly voids: number
}

/** What one record did. A void of reason `chain_broken` is an alarm: a bug, a truncated log, or tampering. */
export type Folded =
  | { readonly kind: 'genesis'; readonly state: FoldState; readonly genesis: Genesis }
  | { readonly kind: 'claimed'; readonly state: FoldState; readonly claim: Claim }
  | { readonly kind: 'counted'; readonly state: FoldState; readonly commit: Commit }
  | { readonly kind: 'heartbeat'; readonly state: FoldState; readonly at: string; readonly current: boolean }
  | { readonly kind: 'void'; readonly state: FoldState; readonly reason: VoidReason }
  | { readonly kind: 'ignored'; readonly state: FoldState }

/** A claim may raise the epoch by at most this much, so that no slip can lock a partition for good. */
export const MAX_EPOCH_STEP = 1000

export type FoldErrorCode = 'unreadable_record' | 'epoch_never_claimed' | 'no_genesis' | 'offset_gap' | 'wrong_ledger'

/** A reader stops on this partition, loudly: reading on would mean guessing. */
export class FoldError extends Error {
  readonly code: FoldErrorCode

  constructor(code: FoldErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

export function initialFold(partition: number): FoldState {
  return { partition, genesis: undefined, epoch: 0, claimId: '', seq: 0, hash: '', offset: 0n, voids: 0 }
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
  if (next.genesis) return voided(next, 'stale_genesis')
  if (genesis.partition !== next.partition) {
    throw new FoldError('wrong_ledger', `the genesis names partition ${genesis.partition}, this is ${next.partition}`)
  }
  return { kind: 'genesis', genesis, state: { ...next, genesis, hash: firstHash(genesis.ledgerId, genesis.partition) } }
}

function foldClaim(next: FoldState, claim: Claim): Folded {
  if (!next.genesis) throw new FoldError('no_genesis', 'a claim stands before the genesis record')
  if (claim.epoch <= next.epoch || claim.epoch > next.epoch + MAX_EPOCH_STEP) return voided(next, 'stale_claim')
  return { kind: 'claimed', claim, state: { ...next, epoch: claim.epoch, claimId: claim.claimId } }
}

function foldCommit(next: FoldState, commit: Commit, value: Uint8Array): Folded {
  if (commit.epoch > next.epoch) throw neverClaimed(commit.epoch, next)
  if (commit.epoch < next.epoch) return voided(next, 'stale_epoch')
  if (commit.seq <= next.seq) return voided(next, 'duplicate')
  if (commit.seq !== next.seq + 1 || commit.previousHash !== next.hash) return voided(next, 'chain_broken')
  return { kind: 'counted', commit, state: { ...next, seq: commit.seq, hash: nextHash(next.hash, value) } }
}

function voided(next: FoldState, reason: VoidReason): Folded {
  return { kind: 'void', reason, state: { ...next, voids: next.voids + 1 } }
}

function neverClaimed(epoch: number, state: FoldState): FoldError {
  return new FoldError('epoch_never_claimed', `epoch ${epoch} was never claimed on partition ${state.partition}`)
}

function decode(record: LogRecord): LedgerRecord {
  try {
    return decodeRecord(record.value)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new FoldError(
      'unreadable_record',
      `the record at offset ${record.offset} of the log cannot be read: ${reason}`,
      { cause },
    )
  }
}
