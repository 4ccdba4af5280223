import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { act, played, ruin } from './histories.fixture.ts'
import { createAcrossJudge } from './judge-across.ts'
import { mendedBy } from './made-good.ts'

type Ledger = ReturnType<typeof played>

/** Each partition read as far as the vector says; `order` says which of them is read on next. */
function read(ledger: Ledger, vector: readonly number[], order: (turn: number) => number) {
  const logs = ledger.parts.map((part) => part.entries())
  const judge = createAcrossJudge(logs.length)
  const at = logs.map(() => 0)
  const next = (partition: number) => {
    const entry = logs[partition]?.[at[partition] ?? 0]
    at[partition] = (at[partition] ?? 0) + 1
    assert(entry)
    if ('commit' in entry) judge.take(entry.commit, entry.place)
    else judge.resumed(entry.resume, entry.place)
  }
  const readTo = (wanted: readonly number[]) => {
    for (let turn = 0; ; turn += 1) {
      const left = logs.map((_, partition) => partition).filter((each) => (at[each] ?? 0) < (wanted[each] ?? 0))
      if (left.length === 0) return
      next(left[order(turn) % left.length] ?? 0)
    }
  }
  readTo(vector)
  /** To where the entry stands that has this seq, or gives it up. */
  const readOn = (wanted: ReadonlyMap<number, number>) => {
    const places = logs.map((log, partition) => {
      const seq = wanted.get(partition)
      return seq === undefined ? (at[partition] ?? 0) : log.findIndex(({ place }) => place.seq >= seq) + 1
    })
    assert(places.every((place) => place > 0 || wanted.size === 0 || !wanted.has(places.indexOf(place))))
    readTo(places)
  }
  return { judge, readTo, readOn, ends: logs.map((log) => log.length) }
}

const acts = fc.array(fc.oneof({ weight: 24, arbitrary: act }, { weight: 1, arbitrary: ruin }), {
  minLength: 20,
  maxLength: 120,
  size: 'max',
})

test('whatever partitions lose, a reader at any positions finds no fault, and all of it comes to an end', () => {
  const ends = new Map<string, number>()
  fc.assert(
    fc.property(
      acts,
      fc.array(fc.nat(), { minLength: 3, maxLength: 3 }),
      fc.array(fc.nat(), { minLength: 1, maxLength: 40 }),
      fc.boolean(),
      (schedule, cuts, order, whole) => {
        const ledger = played(schedule, whole)
        for (const { log } of ledger.parts) {
          for (const commit of log) {
            for (const { kind } of mendedBy(commit, { partition: 0, seq: commit.seq }))
              ends.set(kind, (ends.get(kind) ?? 0) + 1)
          }
        }
        const sizes = ledger.parts.map((part) => part.entries().length)
        const vector = sizes.map((size, partition) => (cuts[partition] ?? 0) % (size + 1))
        const { judge, readTo, readOn, ends: all } = read(ledger, vector, (turn) => order[turn % order.length] ?? 0)
        assert.deepEqual(judge.result().faults, [])
        for (let wanted = judge.wanted(); wanted.size > 0; wanted = judge.wanted()) readOn(wanted)
        const closed = judge.result()
        assert.deepEqual([closed.faults, closed.waiting], [[], 0])
        readTo(all)
        const last = judge.result()
        assert.deepEqual([last.faults, last.waiting], [[], 0])
        if (whole) assert.deepEqual(last.underWay, { payments: 0, oldest: null, sums: [] })
      },
    ),
    { numRuns: 250 },
  )
  const missing = ['learned', 'reopened', 'forced', 'released', 'written_off'].filter((kind) => !ends.get(kind))
  assert.deepEqual(missing, [], `${[...ends].join(' ')}`)
})
