import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type EventType, LedgerEvent } from './event.ts'
import {
  currentVersions,
  type Downcaster,
  downcasters,
  lowered,
  UnknownEventError,
  type Upcaster,
  upcast,
  upcasters,
} from './event-versions.ts'
import { EVENT_GENERATION, generations, versionIn } from './generations.ts'

/** An event that was invented for this test, in its third version. */
const versions = { ThingMoved: 3, ThingLost: 2 }
const steps: Record<string, Record<number, Upcaster>> = {
  ThingMoved: {
    1: ({ place, ...rest }) => ({ ...rest, to: place }),
    2: (data) => ({ ...data, from: 'nowhere' }),
  },
}

describe('an event of an old version', () => {
  test('it is lifted step by step to the current one', () => {
    assert.deepEqual(upcast({ type: 'ThingMoved', version: 1, data: { place: 'here', by: 'ada' } }, versions, steps), {
      type: 'ThingMoved',
      version: 3,
      data: { to: 'here', by: 'ada', from: 'nowhere' },
    })
    assert.deepEqual(upcast({ type: 'ThingMoved', version: 2, data: { to: 'there' } }, versions, steps).data, {
      to: 'there',
      from: 'nowhere',
    })
  })

  test('one of the current version stays as it is', () => {
    const event = { type: 'ThingMoved', version: 3, data: { to: 'x', from: 'y' } }
    assert.deepEqual(upcast(event, versions, steps), event)
  })

  test('lifting does not change what it was given', () => {
    const data = Object.freeze({ place: 'here' })
    upcast({ type: 'ThingMoved', version: 1, data }, versions, steps)
    assert.deepEqual(data, { place: 'here' })
  })

  test('a type, a newer version, a version below 1 and a missing step are unknown', () => {
    for (const [type, version] of [
      ['NeverHeardOf', 1],
      ['ThingMoved', 4],
      ['ThingMoved', 0],
      ['ThingLost', 1],
    ] as const) {
      assert.throws(() => upcast({ type, version, data: {} }, versions, steps), UnknownEventError, `${type} ${version}`)
    }
  })
})

describe('an event of an older generation', () => {
  /** The second generation brings another version, and another event. */
  const table = [
    { events: { AccountFrozen: 1 }, commands: [], rejections: [] },
    { events: { AccountFrozen: 2, PayeeSaved: 1 }, commands: [], rejections: [] },
    { events: { PayeeSaved: 2 }, commands: [], rejections: [] },
  ]
  const down: Record<string, Record<number, Downcaster>> = {
    AccountFrozen: { 2: ({ direction, ...rest }) => (direction === 'all' ? rest : undefined) },
  }
  const frozen = (direction: string) => ({ type: 'AccountFrozen' as const, version: 2, data: { id: 'a', direction } })

  test('it is lowered to the version that the generation writes, and stays as it is in its own', () => {
    assert.deepEqual(lowered(frozen('all'), 1, table, down), { type: 'AccountFrozen', version: 1, data: { id: 'a' } })
    for (const generation of [2, 3]) assert.deepEqual(lowered(frozen('out'), generation, table, down), frozen('out'))
  })

  test('what the older version cannot say, or has no step to, is not written', () => {
    assert.equal(lowered(frozen('out'), 1, table, down), undefined)
    assert.equal(lowered(frozen('all'), 1, table, {}), undefined)
  })

  test('an event that came later is not written', () => {
    const saved = { type: 'PayeeSaved' as const, version: 1, data: {} }
    assert.equal(lowered(saved, 1, table, down), undefined)
    assert.deepEqual(lowered(saved, 2, table, down), saved)
  })
})

describe('the events of this code', () => {
  test('each version of each event is of a generation, the newest of the newest that the code writes', () => {
    for (const [type, current] of Object.entries(currentVersions) as [EventType, number][]) {
      const brought = generations.flatMap(({ events }) => events[type] ?? [])
      const all = Array.from({ length: current }, (_, index) => index + 1)
      assert.deepEqual(brought, all, type)
      assert.equal(versionIn(EVENT_GENERATION, type), current)
    }
  })

  test('every later version has a downcaster', () => {
    for (const [type, current] of Object.entries(currentVersions)) {
      const there = Object.entries(downcasters).find(([name]) => name === type)?.[1] ?? {}
      const later = Array.from({ length: current - 1 }, (_, index) => index + 2)
      assert.deepEqual(Object.keys(there).map(Number), later, type)
    }
  })

  test('every event has one schema, of its current version', () => {
    const types = LedgerEvent.options.map(({ shape }) => shape.type.value)
    assert.equal(new Set(types).size, types.length, 'an older version is left to its upcaster')
    assert.deepEqual(Object.keys(currentVersions).sort(), types.sort())
    for (const version of Object.values(currentVersions)) assert.ok(Number.isInteger(version) && version >= 1)
    assert.equal(currentVersions.PaymentPosted, 2)
  })

  test('every earlier version has an upcaster', () => {
    for (const [type, current] of Object.entries(currentVersions)) {
      const there = Object.entries(upcasters).find(([name]) => name === type)?.[1] ?? {}
      assert.deepEqual(
        Object.keys(there).map(Number),
        Array.from({ length: current - 1 }, (_, index) => index + 1),
        type,
      )
    }
  })
})
