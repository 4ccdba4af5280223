import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCursors } from '../answer/cursor.ts'
import { readOptionsOf } from './read-options.ts'

test('without headers a read waits for nothing, and would for two seconds', () => {
  assert.deepEqual(readOptionsOf({}), { atLeast: [], waitMs: 2_000, lenient: false, applied: [] })
})

test('Prefer is read as RFC 7240 writes it, and waits ten seconds at the most', () => {
  const cases = [
    ['wait=5', 5_000, false, ['wait=5']],
    ['wait=10', 10_000, false, ['wait=10']],
    ['wait=11', 10_000, false, ['wait=10']],
    ['wait=0; handling=lenient', 0, true, ['wait=0', 'handling=lenient']],
    ['respond-async, WAIT="3", handling=Lenient', 3_000, true, ['wait=3', 'handling=lenient']],
    ['wait=-1, handling=strict', 2_000, false, []],
    ['handling=strict, handling=lenient', 2_000, false, []],
  ] as const
  for (const [prefer, waitMs, lenient, applied] of cases) {
    assert.deepEqual(readOptionsOf({ prefer }), { atLeast: [], waitMs, lenient, applied }, prefer)
  }
})

test('At-Least is a position or a vector of them', () => {
  assert.deepEqual(readOptionsOf({ 'at-least': '3:7, 0:91' }).atLeast, [
    { partition: 0, seq: 91 },
    { partition: 3, seq: 7 },
  ])
  assert.throws(() => readOptionsOf({ 'at-least': '3' }), /must look like 0:1842/)
})

test('a cursor opens with the same secret and list alone', () => {
  const cursors = createCursors('one secret')
  const cursor = cursors.seal(['accounts', { type: 'external' }], ['ada:main', 17])
  assert.deepEqual(cursors.open(['accounts', { type: 'external' }], cursor), ['ada:main', '17'])
  assert.equal(cursors.open(['accounts'], undefined), undefined)
  assert.throws(() => cursors.open(['accounts', {}], cursor), /start again without cursor/)
  assert.throws(() => createCursors('another secret').open(['accounts', { type: 'external' }], cursor))
})
