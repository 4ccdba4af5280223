import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { LedgerEvent } from './event.ts'
import { currentVersions, UnknownEventError, type Upcaster, upcast, upcasters } from './event-versions.ts'

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

describe('the events of this code', () => {
  test('every event has one schema, of its current version', () => {
    const types = LedgerEvent.options.map(({ shape }) => shape.type.value)
    assert.equal(new Set(types).size, types.length, 'an older version is left to its upcaster')
    assert.deepEqual(Object.keys(currentVersions).sort(), types.sort())
    for (const version of Object.values(currentVersions)) assert.ok(Number.isInteger(version) && version >= 1)
    assert.equal(currentVersions.PaymentPosted, 1)
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
