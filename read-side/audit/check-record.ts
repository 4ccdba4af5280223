import { createHash } from 'node:crypto'
import { nextHash } from '@micropay/event-log/fold'
import type { AuditRecord, RecordCheck } from '@micropay/schemas/api/audit'
import type { Commit, LedgerRecord } from '@micropay/schemas/log/commit'
import { decodeRecord } from '@micropay/schemas/log/ledger-record'
import type { IndexedPlace } from './audit-index.ts'

/** Decodes a record that counts, or says why what stands in the log is not what was indexed. */
export function checkedCommit(place: IndexedPlace, value: Uint8Array): { commit: Commit } | { broken: string } {
  const decoded = tryDecode(value)
  if ('unreadable' in decoded) return { broken: `the record was changed, and is none any more: ${decoded.unreadable}` }
  if (decoded.kind !== 'commit') return { broken: `the index names a commit here, and the log holds a ${decoded.kind}` }
  const found = nextHash(decoded.commit.previousHash, value)
  if (found === place.hash) return { commit: decoded.commit }
  return { broken: `the record was changed: its hash is ${found}, and was ${place.hash} when it was indexed` }
}

/** A record as it stands, with what its hashes prove. `previousHash` is that of the commit before it, as indexed. */
export function describeRecord(place: IndexedPlace, value: Uint8Array, previousHash: string | undefined): AuditRecord {
  const decoded = tryDecode(value)
  const commit = 'kind' in decoded && decoded.kind === 'commit' ? decoded.commit : undefined
  const digest = createHash('sha256').update(value).digest()
  const chained = commit && place.kind === 'commit' ? nextHash(commit.previousHash, value) : null
  const checks: RecordCheck[] = [bytesCheck(place, chained ?? digest.toString('base64url'))]
  if ('unreadable' in decoded) checks.push({ name: 'readable', passed: false, detail: decoded.unreadable })
  if (commit && place.kind === 'commit' && previousHash !== undefined) checks.push(linkCheck(commit, previousHash))
  return {
    ...{ kind: place.kind, counts: place.kind !== 'void', reason: place.reason, epoch: place.epoch, seq: place.seq },
    ...{ text: new TextDecoder().decode(value), bytes: value.byteLength, sha256: digest.toString('hex') },
    ...{ previousHash: commit?.previousHash ?? null, hash: chained, checks },
  }
}

function bytesCheck(place: IndexedPlace, found: string): RecordCheck {
  const passed = found === place.hash
  const detail = passed
    ? `The bytes have the hash ${found}, as when they were indexed.`
    : `The bytes were changed: their hash is ${found}, and was ${place.hash} when they were indexed.`
  return { name: 'bytes', passed, detail }
}

function linkCheck(commit: Commit, previousHash: string): RecordCheck {
  const passed = commit.previousHash === previousHash
  const detail = passed
    ? `It names ${previousHash}, the hash of the commit before it.`
    : `It names ${commit.previousHash} as the hash of the commit before it, which is ${previousHash}.`
  return { name: 'previous', passed, detail }
}

export function tryDecode(value: Uint8Array): LedgerRecord | { readonly unreadable: string } {
  try {
    return decodeRecord(value)
  } catch (error) {
    return { unreadable: error instanceof Error ? error.message : String(error) }
  }
}
