import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '@micropay/runtime/clock'
import { EVENT_GENERATION } from '@micropay/schemas/log/generations'
import { StopReason } from '@micropay/schemas/log/void-reason'
import { appendResume } from './append-resume.ts'
import type { EventLog, NewRecord } from './event-log.ts'
import { FoldError } from './fold.ts'
import { orFoldError } from './fold-log.ts'
import { type FoldState, initialFold } from './fold-state.ts'
import { alarmError, compareHistory, resumeBehind } from './history.ts'
import { claim, commit, genesis, heartbeat, ledgerId, resume, unknownKind } from './ledger-records.fixture.ts'
import { appendTo, foldAll, foldToEnd } from './log-reading.fixture.ts'
import { createMemoryStore, openMemoryLog } from './memory/event-log.ts'

/** A log with every kind of record, whose history a person has accepted once. */
const steps: readonly ((state: FoldState) => NewRecord)[] = [
  () => genesis(),
  () => claim(1, 'ada'),
  (state) => commit(state, 'one'),
  (state) => commit(state, 'two'),
  () => heartbeat(1),
  () => claim(2, 'ben'),
  (state) => commit({ ...state, epoch: 1 }, 'late'),
  (state) => commit(state, 'three'),
  (state) => commit({ ...state, seq: 7 }, 'a gap'),
  () => claim(3, 'ops'),
  (state) => resume(state, { epoch: 4, seq: 900 }),
  () => unknownKind(true),
  // A digit of it that is changed is a generation that nobody knows.
  () => claim(5, 'ben', 0, 1),
  (state) => commit(state, 'four'),
  (state) => commit(state, 'five'),
  () => heartbeat(5),
]
const { records, kept } = written()
const whole = kept.at(-1) ?? initialFold(0)
const { signal } = new AbortController()

/** A bit that makes another letter of most letters; of digits, which say more, both that make another digit. */
const bitsOf = (byte: number, index: number) =>
  byte >= 0x30 && byte <= 0x39 ? [0x01, 0x08] : [index % 2 === 0 ? 0x01 : 0x08]

const seen = new Set<string>()

records.forEach((record, at) => {
  test(`a changed byte of record ${at} is noticed or harmless, and a resume gets all readers past it`, async () => {
    for (const [index, byte] of record.value.entries()) {
      for (const bits of bitsOf(byte, index)) {
        const value = record.value.with(index, byte ^ bits)
        seen.add(await noticed(await logOf(records.with(at, { ...record, value })), at))
      }
    }
  })
})

test('all kinds of evidence were met, or these cases prove too little', () => {
  const outcomes = [...StopReason.options, 'harmless', 'no_genesis', 'the last one that counts', 'wrong_ledger']
  // No digit is a generation that nobody knows, while nine are known.
  const never = EVENT_GENERATION === 9 ? ['unknown_generation'] : []
  assert.deepEqual(
    outcomes.filter((outcome) => !seen.has(outcome)),
    never,
  )
})

/** What a reader that begins now makes of it, and what becomes of all readers after a resume. */
async function noticed(log: EventLog, at: number): Promise<string> {
  const fresh = await orFoldError(foldToEnd(log, 0))
  if (fresh instanceof FoldError) {
    // Nothing else in the log says what the genesis was.
    assert.equal(at, 0, fresh.message)
    assert.match(fresh.message, /its first record was changed|the first record of the log.* was changed/)
    return fresh.code
  }
  const { alarm, seq, hash } = fresh.state
  // What counts is the same, byte for byte.
  if (!alarm && seq === whole.seq && hash === whole.hash) return 'harmless'
  if (alarm) assert.match(alarmError(fresh.state).message, /was changed|nobody claimed|a fork/)
  else assert.equal((await compareHistory(log, whole, signal)).kind, 'stopped', 'the last one that counts')
  for (const folded of fresh.folded) if (folded.kind === 'void') seen.add(folded.reason)
  // Cases alike in all that every record does, but for the bytes of one, end alike.
  const { epoch, generation } = fresh.state
  const kinds = fresh.folded.map((folded) => (folded.kind === 'void' ? folded.reason : folded.kind))
  const alike = JSON.stringify([at, kinds, seq, epoch, generation, alarm?.reason])
  if (!resumedFrom.has(alike)) await resumes(log)
  resumedFrom.add(alike)
  return alarm?.reason ?? 'the last one that counts'
}

const resumedFrom = new Set<string>()

/** After a resume who begins now goes on, and all who had read a part of the log before. */
async function resumes(log: EventLog): Promise<void> {
  const asked = { ledgerId, actor: 'ops', reason: 'a test', aboveSeq: whole.seq, aboveEpoch: whole.epoch, signal }
  const resumed = await appendResume(log, 0, { ...asked, clock: systemClock })
  const { state } = await foldToEnd(log, 0)
  assert.deepEqual([state.alarm, state.seq, state.seq > whole.seq], [undefined, resumed.seq, true])
  for (const fold of kept) await agrees(log, fold, state)
}

/** Whoever had read the log before comes to the same as who begins now. */
async function agrees(log: EventLog, fold: FoldState, fresh: FoldState): Promise<void> {
  const compared = await compareHistory(log, fold, signal)
  assert.notEqual(compared.kind, 'stopped', compared.kind === 'stopped' ? compared.error.message : '')
  if (compared.kind === 'resumed') return
  const { state } = await foldToEnd(log, 0, fold)
  assert.deepEqual(whatCounts(state), whatCounts(fresh))
  if (fold.alarm) assert.ok(await resumeBehind(log, fold, signal))
}

const whatCounts = ({ genesis: _, voids: __, generation: ___, ...counts }: FoldState) => counts

async function logOf(written: readonly NewRecord[]): Promise<EventLog> {
  const log = openMemoryLog(createMemoryStore())
  await log.prepare(1)
  await appendTo(log, 0, written)
  return log
}

/** The records, and the fold behind each. */
function written() {
  const log: NewRecord[] = []
  const folds: FoldState[] = []
  for (const step of steps) {
    log.push(step(folds.at(-1) ?? initialFold(0)))
    folds.push(foldAll(log.map((record, at) => ({ ...record, offset: BigInt(at) }))).state)
  }
  return { records: log, kept: folds }
}
