import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { crc16, partitionOf, placementKeyOf } from './placement.ts'

describe('the placement of an account', () => {
  test('the checksum is CRC-16/XMODEM', () => {
    assert.equal(crc16('123456789'), 0x31c3)
    assert.equal(crc16(''), 0)
  })

  test('the key is what stands in the first braces, or else the whole id', () => {
    assert.equal(placementKeyOf('ada:main'), 'ada:main')
    assert.equal(placementKeyOf('{berka}:576'), 'berka')
    assert.equal(placementKeyOf('main:{ada}.eur'), 'ada')
    assert.equal(placementKeyOf('{}:576'), '{}:576')
    assert.equal(placementKeyOf('{open'), '{open')
    assert.equal(placementKeyOf('}{x}'), 'x')
    assert.equal(placementKeyOf('{a}{b}'), 'a')
  })

  test('accounts with the same tag share a partition, whatever stands around it', () => {
    for (const partitions of [2, 7, 64]) {
      assert.equal(partitionOf('{berka}:1', partitions), partitionOf('x-{berka}.2', partitions))
    }
  })

  test('it never changes: these ids live where they have always lived', () => {
    const ids = ['ada:main', 'ben:main', '{berka}:576', 'house:fees', 'cash']
    assert.deepEqual(
      ids.map((id) => partitionOf(id, 16)),
      [10, 13, 7, 14, 1],
    )
  })

  test('every id has a partition below the number of partitions', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 1024 }), (id, partitions) => {
        const partition = partitionOf(id, partitions)
        assert.ok(Number.isInteger(partition) && partition >= 0 && partition < partitions)
      }),
    )
  })
})
