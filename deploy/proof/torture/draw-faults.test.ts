import assert from 'node:assert/strict'
import { test } from 'node:test'
import { drawRounds, kindOf, type LogName, type Round } from './draw-faults.ts'

const on = (log: LogName, partitions = 1) => ({ log, partitions })

const faultsOf = (rounds: readonly Round[]) => rounds.flatMap(({ faults }) => faults)

test('the same seed gives the same faults, and another seed others', () => {
  assert.deepEqual(drawRounds('one', on('kafka'), 50), drawRounds('one', on('kafka'), 50))
  assert.notDeepEqual(drawRounds('one', on('kafka'), 50), drawRounds('two', on('kafka'), 50))
})

test('more faults of a seed begin with the fewer ones, so that a run may go on from any of them', () => {
  const [few, many] = [drawRounds('one', on('postgres'), 30), drawRounds('one', on('postgres'), 200)]
  assert.deepEqual(many.slice(0, few.length - 1), few.slice(0, -1))
})

test('faults are numbered through all rounds, and there are as many as were asked for', () => {
  const numbers = faultsOf(drawRounds('one', on('postgres'), 41)).map(({ number }) => number)
  assert.deepEqual(
    numbers,
    Array.from({ length: 41 }, (_, index) => index + 1),
  )
})

for (const log of ['postgres', 'kafka'] as const satisfies readonly LogName[]) {
  test(`300 faults on ${log} are of every kind, and some overlap`, () => {
    const rounds = drawRounds('one', on(log), 300)
    const kinds = new Set(faultsOf(rounds).map(({ deed }) => kindOf(deed)))
    const shared = ['kill', 'stop', 'terminate'].flatMap((how) =>
      ['worker', 'projection', 'read side'].map((what) => `${how} ${what}`),
    )
    const wires = ['reset', 'ended', 'torn', 'silent', 'answers only', 'questions only', 'stalled', 'slow']
    const states = ['edited', 'truncated', 'flipped', 'removed', 'older']
    const expected = [
      ...shared,
      ...wires.map((mode) => `wire ${mode}`),
      ...states.map((how) => `state ${how}`),
      ...['kill postgres', 'stop postgres', 'full disk', 'clock jumps', 'clock wrong at a start', 'log truncated'],
      ...(log === 'kafka' ? ['kill broker', 'stop broker'] : ['log emptied', 'log changed']),
    ]
    assert.deepEqual([...kinds].sort(), expected.sort())
    assert.ok(rounds.some(({ faults }) => faults.length === 3))
  })
}

test('what is done to history is done alone', () => {
  for (const { faults } of drawRounds('one', on('postgres'), 300)) {
    assert.ok(faults.length === 1 || faults.every(({ deed }) => deed.kind !== 'history'))
  }
})

test('kinds can be chosen by a part of their names, and a name that none has is refused', () => {
  const kinds = faultsOf(drawRounds('one', on('postgres'), 20, 'clock')).map(({ deed }) => deed.kind)
  assert.deepEqual(new Set(kinds), new Set(['clock']))
  assert.throws(() => drawRounds('one', on('postgres'), 1, 'broker'), /no fault on postgres is called broker/)
})

for (const log of ['postgres', 'kafka'] as const) {
  test(`on several partitions and ${log} the inbox goes away, too`, () => {
    const kinds = new Set(faultsOf(drawRounds('one', on(log, 8), 300)).map(({ deed }) => kindOf(deed)))
    assert.ok(kinds.has('inbox gone') && kinds.has('inbox emptied'))
    assert.deepEqual([kinds.has('inbox silent'), kinds.has('log truncated')], [log === 'postgres', log === 'postgres'])
  })
}
