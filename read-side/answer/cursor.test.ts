import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCursors } from './cursor.ts'

const list = ['/v1/payments', 'customer:ada']

test('a cursor of any key of the ring is good, and one of a key that is gone is not', () => {
  const [old, fresh] = ['the old key', 'the new key']
  let ring = [old]
  const cursors = createCursors(() => ring)
  const sealed = cursors.seal(list, ['7'])
  ring = [fresh, old]
  assert.deepEqual(cursors.open(list, sealed), ['7'])
  assert.deepEqual(createCursors(fresh).open(list, cursors.seal(list, ['8'])), ['8'])
  ring = [fresh]
  assert.throws(() => cursors.open(list, sealed), { code: 'invalid_request' })
})

test('a cursor of another list, or one that was changed, is not one of this list', () => {
  const cursors = createCursors('a key')
  const sealed = cursors.seal(list, ['7'])
  for (const other of [sealed.slice(1), `${sealed}x`, '7', '', `${sealed.split('.')[0]}.`]) {
    assert.throws(() => cursors.open(list, other), { code: 'invalid_request' }, other)
  }
  assert.throws(() => cursors.open(['/v1/payments', 'customer:ben'], sealed), { code: 'invalid_request' })
})
