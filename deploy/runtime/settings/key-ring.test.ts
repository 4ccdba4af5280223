import assert from 'node:assert/strict'
import { test } from 'node:test'
import { keyRing, keysOf } from './key-ring.ts'

const ring = keyRing({ atLeast: 8, error: 'must have 8 characters or more' })
const told = (text: string) => ring.safeParse(text).error?.issues.map(({ message }) => message)

test('a ring is one key or several, one a line, each long enough and no two the same', () => {
  assert.deepEqual(ring.parse('a key with spaces'), ['a key with spaces'])
  assert.deepEqual(ring.parse('first key\r\nsecond key\n'), ['first key', 'second key'])
  assert.deepEqual(told('first key\nshort'), ['must have 8 characters or more'])
  assert.deepEqual(told('\n\n'), ['must have 8 characters or more'])
  assert.deepEqual(told('the same\nthe same'), ['each key once: two of its lines are the same'])
  const many = (count: number) => Array.from({ length: count }, (_, at) => `key number ${at}`).join('\n')
  assert.equal(told(many(8)), undefined)
  assert.deepEqual(told(many(9)), ['at most 8 keys, one a line'])
})

test('what is made of the keys is made once, and anew when the ring is another', () => {
  let now = ['one', 'two']
  const made: string[] = []
  const keys = keysOf(
    () => now,
    (secret) => {
      made.push(secret)
      return secret.toUpperCase()
    },
  )
  assert.deepEqual([...keys(), ...keys()], ['ONE', 'TWO', 'ONE', 'TWO'])
  assert.deepEqual(made, ['one', 'two'])
  now = ['three', 'one']
  assert.deepEqual(keys(), ['THREE', 'ONE'])
})
