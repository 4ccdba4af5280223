import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, test } from 'node:test'
import type { LogRecord, NewRecord } from './event-log.ts'
import {
  FoldError,
  type FoldErrorCode,
  type Folded,
  type FoldState,
  firstHash,
  foldRecord,
  initialFold,
  MAX_EPOCH_STEP,
  nextHash,
} from './fold.ts'
import { claim, claimIdOf, commit, genesis, heartbeat, ledgerId, unknownKind } from './ledger-records.fixture.ts'

describe('a genesis', () => {
  test('the first one counts, and begins the hash chain of its ledger and partition', () => {
    const folded = fold(initialFold(0), genesis())
    assert.equal(folded.kind, 'genesis')
    assert.equal(folded.state.genesis?.ledgerId, ledgerId)
    assert.equal(folded.state.hash, firstHash(ledgerId, 0))
    assert.notEqual(firstHash(ledgerId, 1), firstHash(ledgerId, 0))
    assert.notEqual(firstHash('other', 0), firstHash(ledgerId, 0))
  })

  test('a second one is void, even when it is the same', () => {
    const state = after(initialFold(0), genesis())
    assert.equal(reasonOf(fold(state, genesis())), 'stale_genesis')
  })

  test('one of another partition stops the reader', () => {
    assert.throws(() => fold(initialFold(0), genesis(1, 2)), isFoldError('wrong_ledger'))
  })
})

describe('a claim', () => {
  test('one with a higher epoch takes over, and touches neither seq nor hash', () => {
    const before = after(started(), claim(1, 'ada'), (state) => commit(state, 'one'))
    const folded = fold(before, claim(2, 'ben'))
    assert.equal(folded.kind, 'claimed')
    assert.deepEqual(folded.state, {
      ...before,
      epoch: 2,
      claimId: claimIdOf(2, 'ben'),
      offset: before.offset + 1n,
    })
  })

  test('one with the same epoch is void, and so is one with a lower', () => {
    const state = after(started(), claim(5, 'ada'))
    assert.equal(reasonOf(fold(state, claim(5, 'ben'))), 'stale_claim')
    assert.equal(reasonOf(fold(state, claim(4, 'ben'))), 'stale_claim')
    assert.equal(fold(state, claim(5, 'ben')).state.claimId, claimIdOf(5, 'ada'))
  })

  test('one that is sent twice is void the second time', () => {
    const state = after(started(), claim(1, 'ada'))
    assert.equal(reasonOf(fold(state, claim(1, 'ada'))), 'stale_claim')
  })

  test('one that raises the epoch by the largest step takes over, and one past it is void', () => {
    const state = after(started(), claim(7, 'ada'))
    assert.equal(fold(state, claim(7 + MAX_EPOCH_STEP, 'ben')).kind, 'claimed')
    assert.equal(reasonOf(fold(state, claim(7 + MAX_EPOCH_STEP + 1, 'ben'))), 'stale_claim')
  })

  test('one before the genesis stops the reader', () => {
    assert.throws(() => fold(initialFold(0), claim(1, 'ada')), isFoldError('no_genesis'))
  })
})

describe('a commit', () => {
  const owned = after(started(), claim(3, 'ada'))

  test('one of the current epoch that follows seq and hash counts, and its bytes are the next hash', () => {
    const record = commit(owned, 'one')
    const folded = fold(owned, record)
    assert.equal(folded.kind, 'counted')
    assert.equal(folded.state.seq, 1)
    assert.equal(folded.state.hash, nextHash(owned.hash, record.value))
  })

  test('one of an older epoch is void, even when it would follow', () => {
    assert.equal(reasonOf(fold(owned, commit({ ...owned, epoch: 2 }, 'zombie'))), 'stale_epoch')
  })

  test('one of an epoch that was never claimed stops the reader', () => {
    assert.throws(() => fold(owned, commit({ ...owned, epoch: 4 }, 'slip')), isFoldError('epoch_never_claimed'))
  })

  test('one before any claim stops the reader', () => {
    assert.throws(
      () => fold(initialFold(0), commit({ ...owned, epoch: 1 }, 'early')),
      isFoldError('epoch_never_claimed'),
    )
  })

  test('one whose seq is not above the current one is a duplicate, even with other content', () => {
    const state = after(
      owned,
      (now) => commit(now, 'one'),
      (now) => commit(now, 'two'),
    )
    assert.equal(reasonOf(fold(state, commit({ ...state, seq: 1 }, 'two'))), 'duplicate')
    assert.equal(reasonOf(fold(state, commit({ ...state, seq: 0 }, 'other'))), 'duplicate')
  })

  test('one that leaves out a seq breaks the chain', () => {
    assert.equal(reasonOf(fold(owned, commit({ ...owned, seq: 1 }, 'gap'))), 'chain_broken')
  })

  test('one that follows another past breaks the chain', () => {
    assert.equal(reasonOf(fold(owned, commit({ ...owned, hash: firstHash('other', 0) }, 'past'))), 'chain_broken')
  })

  test('one that broke the chain changes nothing, so the right one counts after it', () => {
    const state = after(owned, commit({ ...owned, seq: 1 }, 'gap'))
    assert.deepEqual(state, { ...owned, offset: owned.offset + 1n, voids: 1 })
    assert.equal(fold(state, commit(state, 'one')).kind, 'counted')
  })

  test('the owner of a new epoch goes on where the last one ended', () => {
    const state = after(owned, (now) => commit(now, 'one'), claim(4, 'ben'))
    assert.equal(fold(state, commit(state, 'two')).kind, 'counted')
  })
})

describe('other records', () => {
  const owned = after(started(), claim(3, 'ada'))

  test('a heartbeat of the current epoch is current, one of an older epoch is not, and neither is void', () => {
    const current = fold(owned, heartbeat(3))
    assert.ok(current.kind === 'heartbeat' && current.current)
    assert.deepEqual(current.state, { ...owned, offset: owned.offset + 1n })
    const old = fold(owned, heartbeat(2))
    assert.ok(old.kind === 'heartbeat' && !old.current)
  })

  test('a heartbeat of an epoch that was never claimed stops the reader', () => {
    assert.throws(() => fold(owned, heartbeat(4)), isFoldError('epoch_never_claimed'))
  })

  test('an unknown kind stops the reader, unless it is marked ignorable', () => {
    assert.throws(() => fold(owned, unknownKind(false)), isFoldError('unreadable_record'))
    const folded = fold(owned, unknownKind(true))
    assert.equal(folded.kind, 'ignored')
    assert.deepEqual(folded.state, { ...owned, offset: owned.offset + 1n })
  })

  test('bytes that are no ledger record stop the reader', () => {
    for (const text of [
      '',
      'null',
      '{"specversion":"1.0"',
      '{"specversion":"1.0","type":"micropay.commit.v1","data":{}}',
    ]) {
      const record = { key: '', value: new TextEncoder().encode(text) }
      assert.throws(() => fold(owned, record), isFoldError('unreadable_record'), text)
    }
    assert.throws(() => fold(owned, { key: '', value: Uint8Array.of(0xff) }), isFoldError('unreadable_record'))
  })

  test('a record at another offset than the next one stops the reader', () => {
    for (const offset of [owned.offset - 1n, owned.offset + 1n]) {
      assert.throws(() => foldRecord(owned, { ...heartbeat(3), offset }), isFoldError('offset_gap'))
    }
  })

  test('every void is counted', () => {
    const state = after(owned, genesis(), claim(1, 'ben'), commit({ ...owned, epoch: 1 }, 'zombie'), heartbeat(3))
    assert.equal(state.voids, 3)
  })
})

test('folding changes no state that it was given', () => {
  const state = Object.freeze(started())
  const folded = fold(state, claim(1, 'ada'))
  assert.equal(state.epoch, 0)
  assert.notEqual(folded.state, state)
})

test('the hash chain is SHA-256 over the previous 32 bytes and the exact bytes of the record', () => {
  assert.equal(firstHash('ledger', 0), FIRST_HASH_VECTOR)
  assert.equal(nextHash(FIRST_HASH_VECTOR, new TextEncoder().encode('abc')), NEXT_HASH_VECTOR)
})

test('the hash of a record does not depend on those before it, whatever their lengths and their previous hashes', () => {
  const expected = (previous: string, value: Uint8Array) =>
    createHash('sha256').update(Buffer.from(previous, 'base64url')).update(value).digest('base64url')
  for (const length of [1_000_000, 3, 4_063, 4_064, 4_065, 0, 2_000_000, 1]) {
    for (const previous of [FIRST_HASH_VECTOR, '!'.repeat(43), NEXT_HASH_VECTOR, 'short']) {
      const value = Buffer.alloc(length, length % 251)
      assert.equal(nextHash(previous, value), expected(previous, value), `${length} bytes`)
    }
  }
})

/** printf 'ledger\n0' | sha256sum, in base64url; then the same over those 32 bytes followed by 'abc'. */
const FIRST_HASH_VECTOR = 'YWPakRVAYXtqzEeEpzrMbCCcPk_vowVfmkBCMRyknIE'
const NEXT_HASH_VECTOR = 'qsfFg2SRrH9h3gxGxj9WkCrwQoy0BBE2-a7jrS78_oE'

function fold(state: FoldState, record: NewRecord): Folded {
  return foldRecord(state, at(state, record))
}

function at(state: FoldState, record: NewRecord): LogRecord {
  return { ...record, offset: state.offset }
}

type Step = NewRecord | ((state: FoldState) => NewRecord)

function after(state: FoldState, ...steps: Step[]): FoldState {
  return steps.reduce((now, step) => fold(now, typeof step === 'function' ? step(now) : step).state, state)
}

function started(): FoldState {
  return after(initialFold(0), genesis())
}

function reasonOf(folded: Folded): string {
  return folded.kind === 'void' ? folded.reason : folded.kind
}

function isFoldError(code: FoldErrorCode) {
  return (error: unknown) => error instanceof FoldError && error.code === code
}
