import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { LedgerEvent } from '@micropay/schemas/log/event'
import { EVENT_GENERATION, LEGS_GENERATION } from '@micropay/schemas/log/generations'
import { recordTypes } from '@micropay/schemas/log/ledger-record'
import type { NewRecord } from './event-log.ts'
import { FoldError, type Folded, foldRecord } from './fold.ts'
import { type FoldState, initialFold } from './fold-state.ts'
import { alarmError, resumeBehind } from './history.ts'
import { changed, claim, commit, genesis, resume, unknownKind } from './ledger-records.fixture.ts'
import { appendTo, foldToEnd } from './log-reading.fixture.ts'
import { createMemoryStore, openMemoryLog } from './memory/event-log.ts'

const NEWER = EVENT_GENERATION + 1
const fold = (state: FoldState, record: NewRecord): Folded => foldRecord(state, { ...record, offset: state.offset })
const behind = (state: FoldState, ...records: NewRecord[]) =>
  records.reduce((now, record) => fold(now, record).state, state)
const begun = behind(initialFold(0), genesis())
const owned = behind(begun, claim(1, 'ada'))

const refused = '{"kind":"rejected","code":"moon_is_full","detail":"x"}'

/** What newer code writes, and what a changed byte makes of what this code wrote. */
const unknown: readonly (readonly [what: string, NewRecord])[] = [
  ['a kind of record', unknownKind(false)],
  ['a claim whose kind was changed', changed(claim(2, 'ben'), 'micropay.claim.v1', 'micropay.clain.v1')],
  ['an event', changed(commit(owned, 'one'), '"PaymentPosted"', '"PaymentPosued"')],
  ['a version of an event', changed(commit(owned, 'one'), '"version":2', '"version":3')],
  ['a command', changed(commit(owned, 'one'), '{"type":"MakePayment"}', '{"type":"ApprovePayment"}')],
  ['a reason to refuse', changed(commit(owned, 'one'), '{"kind":"accepted"}', refused)],
  ['a value of an event', changed(commit(owned, 'one'), '"kind":"payment"', '"kind":"reversal"')],
  ['a form of records', { key: '', value: new TextEncoder().encode('no JSON') }],
]

for (const [what, record] of unknown) {
  describe(`${what} that this code does not know`, () => {
    test('is a record that was changed, since newer code claims first', () => {
      for (const state of [owned, begun]) {
        const folded = fold(state, record)
        assert.ok(folded.kind === 'void' && folded.reason === 'unreadable_record')
        const alarm = { reason: 'unreadable_record', seq: null, offset: state.offset }
        assert.deepEqual(folded.state, { ...state, offset: state.offset + 1n, voids: 1, alarm })
      }
    })

    test('stops the reader behind a claim of newer code', () => {
      const newer = behind(owned, claim(2, 'ben', 0, NEWER))
      assert.throws(() => fold(newer, record), isUnknownRecord)
      const accepted = behind(newer, resume(newer, { epoch: 3, seq: 9 }))
      assert.equal(fold(accepted, record).kind, 'void')
    })
  })
}

const isUnknownRecord = (error: unknown) =>
  error instanceof FoldError && error.code === 'unknown_record' && /upgrade this process first/.test(error.message)

describe('a claim of a generation that this code does not know', () => {
  const newer = claim(2, 'ben', 0, NEWER)

  test('counts as it does for newer code, and is an alarm that says both of its causes', () => {
    const folded = fold(owned, newer)
    assert.equal(folded.kind, 'claimed')
    const known = fold(owned, claim(2, 'ben')).state
    const alarm = { reason: 'unknown_generation', seq: null, offset: owned.offset } as const
    assert.deepEqual(folded.state, { ...known, generation: NEWER, alarm })
    assert.match(alarmError(folded.state).message, /newer code \(then upgrade this process\), or one that was changed/)
    assert.equal(fold(folded.state, commit(folded.state, 'one')).kind, 'counted')
  })

  test('is void and says nothing where it takes nothing over', () => {
    const folded = fold(behind(owned, claim(2, 'eve')), newer)
    assert.ok(folded.kind === 'void' && folded.reason === 'stale_claim' && !folded.state.alarm)
  })

  test('is gone on over once a resume of a known generation stands behind it, which ends that generation', async () => {
    const log = openMemoryLog(createMemoryStore())
    await log.prepare(1)
    await appendTo(log, 0, [genesis(), claim(1, 'ada'), newer])
    const { signal } = new AbortController()
    const { state } = await foldToEnd(log, 0)
    await appendTo(log, 0, [commit(state, 'one')])
    const one = (await foldToEnd(log, 0)).state
    await appendTo(log, 0, [claim(3, 'ops'), resume(one, { epoch: 4, seq: 7, generation: NEWER })])
    assert.equal(await resumeBehind(log, owned, signal), undefined)
    const unaccepted = (await foldToEnd(log, 0)).state
    assert.deepEqual([unaccepted.seq, unaccepted.alarm?.offset], [7, 5n])
    await appendTo(log, 0, [claim(5, 'ops'), resume(unaccepted, { epoch: 6, seq: 20, generation: 1 })])
    assert.equal(await resumeBehind(log, owned, signal), 8n)
    const { seq, generation, alarm } = (await foldToEnd(log, 0)).state
    assert.deepEqual({ seq, generation, alarm }, { seq: 20, generation: 1, alarm: undefined })
  })
})

describe('what a later generation brought', () => {
  const first = behind(begun, claim(1, 'ada', 0, LEGS_GENERATION - 1))

  test('is a record that was changed where only an earlier one was announced, as it is to code of that one', () => {
    for (const [state, record] of [
      [first, commit(first, 'one')],
      // The long way, and not that of the usual payment.
      [first, changed(commit(first, 'one'), '"PaymentPosted"', '"PaymentPosted" ')],
      [begun, commit(owned, 'one')],
    ] as const) {
      const folded = fold(state, record)
      assert.ok(folded.kind === 'void' && folded.reason === 'unreadable_record')
    }
  })

  test('counts once it is announced, and so does what earlier ones brought', () => {
    const raised = behind(first, claim(2, 'ada', 0, LEGS_GENERATION))
    const later = fold(raised, commit(raised, 'one'))
    assert.equal(later.kind, 'counted')
    assert.equal(fold(first, commit(first, 'one', 0, undefined, 1)).kind, 'counted')
    assert.equal(fold(raised, commit(raised, 'one', 0, undefined, 1)).kind, 'counted')
  })

  test('and a reason to refuse, too', () => {
    const refused = (state: FoldState) => {
      const outcome = { kind: 'rejected', code: 'assertion_failed', detail: 'no' }
      const [from, to] = ['"outcome":{"kind":"accepted"}', `"outcome":${JSON.stringify(outcome)}`]
      return fold(state, changed(commit(state, 'one', 0, undefined, 1), from, to)).kind
    }
    assert.deepEqual([refused(first), refused(owned)], ['void', 'counted'])
  })
})

/**
 * Older code takes what it does not know for a record that was changed, unless a claim has announced it: whoever adds
 * one here raises EVENT_GENERATION, and lets nobody read it under an earlier one.
 */
test('these are the kinds of records and the events of the newest generation', () => {
  const events = LedgerEvent.options.map(({ shape }) => `${shape.type.value} ${shape.version.value}`)
  assert.deepEqual(
    [EVENT_GENERATION, Object.values(recordTypes), events],
    [
      11,
      ['genesis', 'claim', 'resume', 'commit', 'heartbeat'].map((kind) => `micropay.${kind}.v1`),
      [
        ...['AccountOpened 2', 'AccountFrozen 2', 'AccountUnfrozen 2', 'AccountClosed 2', 'AccountChanged 1'],
        ...['AccountFlagSet 1', 'PaymentPosted 2', 'PaymentInitiated 1', 'PaymentCompleted 2', 'PaymentFailed 1'],
        ...['CancelRequested 1', 'PaymentEnded 1', 'LegsPrepared 1', 'LegsPosted 2', 'LegsReleased 2', 'LegsRefused 1'],
        ...['LegsRecalled 1', 'LegsWrittenOff 1', 'PaymentReopened 1', 'HistoryAccepted 1', 'HistoryAnswered 1'],
        ...['StatementPart 1', 'StatementImported 2', 'StatementWithdrawn 1'],
        ...['PayeeSaved 1', 'PayeeRemoved 1', 'PayeeChecked 1', 'LedgerZoneSet 1', 'PeriodClosing 1'],
        ...['PeriodSealed 1', 'PeriodClosed 1', 'PeriodCalledOff 1'],
        ...['PeriodReopened 1', 'PolicySet 1', 'CommandProposed 1', 'CommandApproved 2', 'CommandRefused 1'],
      ],
    ],
  )
})
