import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { LogRecord, NewRecord } from './event-log.ts'
import { FoldError, type FoldErrorCode, type Folded, firstHash, foldRecord, MAX_EPOCH_STEP, nextHash } from './fold.ts'
import { type FoldState, initialFold, readFold, storeFold } from './fold-state.ts'
import {
  claim,
  claimIdOf,
  commit,
  genesis,
  heartbeat,
  ledgerId,
  resume,
  unknownKind,
} from './ledger-records.fixture.ts'

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
      ...{ epoch: 2, epochBefore: 1 },
      claimId: claimIdOf(2, 'ben'),
      ...{ claimedAt: before.offset, seqAtClaim: 1 },
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

  test('one that raises the epoch by the largest step takes over', () => {
    const state = after(started(), claim(7, 'ada'))
    assert.equal(fold(state, claim(7 + MAX_EPOCH_STEP, 'ben')).kind, 'claimed')
  })

  test('one before the genesis stops the reader', () => {
    assert.throws(() => fold(initialFold(0), claim(1, 'ada')), isFoldError('no_genesis'))
  })
})

describe('a commit', () => {
  const owned = after(started(), claim(2, 'zoe'), claim(3, 'ada'))

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

  test('one of an epoch that was never claimed is void and an alarm', () => {
    const folded = fold(owned, commit({ ...owned, epoch: 4 }, 'slip'))
    assert.equal(reasonOf(folded), 'epoch_never_claimed')
    assert.deepEqual(folded.state.alarm, { reason: 'epoch_never_claimed', seq: 1, offset: owned.offset })
  })

  test('one before the genesis stops the reader', () => {
    assert.throws(() => fold(initialFold(0), commit(owned, 'x', 0, undefined, 1)), isFoldError('no_genesis'))
  })

  test('one of the current epoch at or below the seq at its claim is a fork, and above it a duplicate', () => {
    const before = after(
      owned,
      (now) => commit(now, 'one'),
      (now) => commit(now, 'two'),
    )
    const state = after(before, claim(4, 'ben'), (now) => commit(now, 'three'))
    assert.equal(reasonOf(fold(state, commit({ ...state, seq: 2 }, 'three'))), 'duplicate')
    const forked = fold(state, commit({ ...state, seq: 1 }, 'other two'))
    assert.equal(reasonOf(forked), 'fork')
    assert.deepEqual(forked.state.alarm, { reason: 'fork', seq: 2, offset: state.offset })
    assert.equal(reasonOf(fold(state, commit({ ...owned, epoch: 3 }, 'late'))), 'stale_epoch')
  })

  test('the ledger ages by the steps of its own time, a day each at most', () => {
    const aged = (...times: string[]) =>
      after(owned, ...times.map((time, index) => (now: FoldState) => commit(now, `${index}`, 0, time))).agedMs
    assert.equal(aged('2026-03-01T09:30:00.000Z'), 0)
    assert.equal(aged('2026-03-01T09:30:00.000Z', '2026-03-01T09:30:01.500Z', '2026-03-01T09:30:01.500Z'), 1_500)
    assert.equal(aged('2026-03-01T00:00:00.000Z', '2026-03-02T00:00:00.001Z'), 86_400_000)
    assert.equal(aged('2026-03-01T00:00:00.000Z', '2027-04-06T00:00:00.000Z', '2026-03-01T00:00:00.000Z'), 86_400_000)
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
    const alarm = { reason: 'chain_broken', seq: 2, offset: owned.offset }
    assert.deepEqual(state, { ...owned, offset: owned.offset + 1n, voids: 1, alarm })
    const counted = fold(state, commit(state, 'one'))
    assert.equal(counted.kind, 'counted')
    assert.deepEqual(counted.state.alarm, alarm)
  })

  test('the owner of a new epoch goes on where the last one ended', () => {
    const state = after(owned, (now) => commit(now, 'one'), claim(4, 'ben'))
    assert.equal(fold(state, commit(state, 'two')).kind, 'counted')
  })
})

describe('other records', () => {
  const owned = after(started(), claim(2, 'zoe'), claim(3, 'ada'))

  test('a heartbeat of the current epoch is current, one of an older epoch is not, and neither is void', () => {
    const current = fold(owned, heartbeat(3))
    assert.ok(current.kind === 'heartbeat' && current.current)
    assert.deepEqual(current.state, { ...owned, offset: owned.offset + 1n })
    const old = fold(owned, heartbeat(2))
    assert.ok(old.kind === 'heartbeat' && !old.current)
  })

  test('a heartbeat of an epoch that was never claimed is void and an alarm', () => {
    const folded = fold(owned, heartbeat(4))
    assert.equal(reasonOf(folded), 'epoch_never_claimed')
    assert.deepEqual(folded.state.alarm, { reason: 'epoch_never_claimed', seq: null, offset: owned.offset })
  })

  test('a kind that is marked ignorable is passed over', () => {
    const folded = fold(owned, unknownKind(true))
    assert.equal(folded.kind, 'ignored')
    assert.deepEqual(folded.state, { ...owned, offset: owned.offset + 1n })
  })

  test('bytes that are no ledger record are void and an alarm', () => {
    for (const text of [
      '',
      'null',
      '{"specversion":"1.0"',
      '{"specversion":"1.0","type":"micropay.commit.v1","data":{}}',
    ]) {
      const record = { key: '', value: new TextEncoder().encode(text) }
      assert.equal(reasonOf(fold(owned, record)), 'unreadable_record', text)
    }
    assert.equal(reasonOf(fold(owned, { key: '', value: Uint8Array.of(0xff) })), 'unreadable_record')
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

describe('a resume', () => {
  const before = after(started(), claim(3, 'ada'), (now) => commit(now, 'one'))
  const broken = after(before, commit({ ...before, seq: 4 }, 'gap'))

  test('one that was made for this past takes over, moves seq and hash, and ends the alarm', () => {
    const record = resume(broken, { epoch: 4, seq: 900 })
    const folded = fold(broken, record)
    assert.equal(folded.kind, 'resumed')
    assert.deepEqual(folded.state, {
      ...broken,
      ...{ epoch: 4, epochBefore: 3, claimId: claimIdOf(4, 'resume'), claimedAt: broken.offset, seqAtClaim: 900 },
      ...{ seq: 900, hash: nextHash(broken.hash, record.value), countedAt: broken.offset, previousHash: broken.hash },
      ...{ offset: broken.offset + 1n, alarm: undefined, acceptedDecidedAt: broken.decidedAt },
    })
  })

  test('a commit of its epoch, or of one claimed after it, goes on behind its seq', () => {
    const state = after(broken, resume(broken, { epoch: 4, seq: 900 }))
    assert.equal(fold(state, commit(state, 'two')).state.seq, 901)
    const claimed = after(state, claim(5, 'ben'))
    assert.equal(fold(claimed, commit(claimed, 'two')).state.seq, 901)
  })

  test('one with an epoch that does not take over is void', () => {
    const taken = after(broken, claim(4, 'ben'))
    for (const epoch of [4, 3]) {
      assert.equal(reasonOf(fold(taken, resume(taken, { epoch, seq: 900 }))), 'stale_claim')
    }
  })

  test('one that was made for another past, or does not move seq, is void, an alarm, and a claim all the same', () => {
    for (const [seq, wrong] of [
      [900, resume({ ...before, seq: 2 }, { epoch: 4, seq: 900 })],
      [900, resume({ ...before, hash: firstHash('other', 0) }, { epoch: 4, seq: 900 })],
      [1, resume(before, { epoch: 4, seq: 1 })],
    ] as const) {
      const folded = fold(before, wrong)
      assert.ok(folded.kind === 'void' && folded.reason === 'resume_mismatch')
      assert.deepEqual(folded.named, { epoch: 4, seq })
      assert.deepEqual(folded.state, {
        ...before,
        ...{ epoch: 4, epochBefore: 3, claimId: claimIdOf(4, 'resume'), claimedAt: before.offset, seqAtClaim: 1 },
        ...{ offset: before.offset + 1n, voids: 1 },
        alarm: { reason: 'resume_mismatch', seq, offset: before.offset },
      })
    }
  })

  test('what follows one that does not count breaks the chain, and a further one goes on from before it', () => {
    const other = { ...before, hash: firstHash('other', 0) }
    const mismatch = resume(other, { epoch: 4, seq: 900 })
    const state = after(before, mismatch)
    const behind = commit({ epoch: 4, seq: 900, hash: nextHash(other.hash, mismatch.value) }, 'two')
    assert.equal(reasonOf(fold(state, behind)), 'chain_broken')
    assert.equal(reasonOf(fold(state, commit({ ...state, epoch: 3 }, 'late'))), 'stale_epoch')
    const further = after(state, behind, claim(5, 'ops'), resume(state, { epoch: 6, seq: 2_000 }))
    assert.deepEqual([further.seq, further.epoch, further.alarm], [2_000, 6, undefined])
  })
})

test('a fold is the same after it was kept as JSON', () => {
  const owned = after(started(), claim(3, 'ada'), (now) => commit(now, 'one'))
  for (const state of [initialFold(2), owned, after(owned, commit({ ...owned, seq: 4 }, 'gap'), heartbeat(9))]) {
    assert.deepEqual(readFold(JSON.parse(JSON.stringify(storeFold(state)))), state)
  }
})

test('folding changes no state that it was given', () => {
  const state = Object.freeze(started())
  const folded = fold(state, claim(1, 'ada'))
  assert.equal(state.epoch, 0)
  assert.notEqual(folded.state, state)
})

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
