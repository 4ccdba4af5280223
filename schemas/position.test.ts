import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { formatPosition, formatPositions, parsePositions } from './position.ts'

describe('a position', () => {
  test('it is written as partition and sequence, a vector with commas', () => {
    assert.equal(formatPosition({ partition: 3, seq: 1842 }), '3:1842')
    assert.equal(
      formatPositions([
        { partition: 0, seq: 91 },
        { partition: 3, seq: 1842 },
      ]),
      '0:91,3:1842',
    )
  })

  test('a vector is read in rising order of partitions', () => {
    assert.deepEqual(parsePositions('3:1842,0:91'), [
      { partition: 0, seq: 91 },
      { partition: 3, seq: 1842 },
    ])
  })

  test('what is malformed, or names a partition twice, is no position', () => {
    const wrong = [
      '',
      '3',
      '3:',
      ':3',
      'a:1',
      '3:1,',
      ',3:1',
      '3:1 ',
      '-1:2',
      '1:-2',
      '1:2,1:3',
      '123456:1',
      '1:1234567890123456',
      '0:01',
      '00:1',
      '0:1,01:2',
    ]
    for (const text of wrong) assert.equal(parsePositions(text), undefined, text)
  })

  test('a vector holds one entry a partition, at most 1,024', () => {
    const vector = (count: number) => Array.from({ length: count }, (_, partition) => `${partition}:1`).join(',')
    assert.equal(parsePositions(vector(1024))?.length, 1024)
    assert.equal(parsePositions(vector(1025)), undefined)
  })

  test('what is written is read back', () => {
    const parts = { partition: fc.nat({ max: 1023 }), seq: fc.nat({ max: 999_999_999_999_999 }) }
    const position = fc.record(parts, { noNullPrototype: true })
    const vector = fc.uniqueArray(position, { selector: ({ partition }) => partition, minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(vector, (positions) => {
        positions.sort((a, b) => a.partition - b.partition)
        assert.deepEqual(parsePositions(formatPositions(positions)), positions)
      }),
    )
  })
})
