import assert from 'node:assert/strict'
import { test } from 'node:test'
import { csrfFault } from './csrf.ts'

const publicUrl = new URL('http://127.0.0.1:8080')
const good = { 'x-csrf-token': 'token', origin: 'http://127.0.0.1:8080', 'sec-fetch-site': 'same-origin' }

test('the session’s token from our own origin is enough, and older browsers need not say more', () => {
  assert.equal(csrfFault(good, 'token', publicUrl), undefined)
  assert.equal(csrfFault({ 'x-csrf-token': 'token' }, 'token', publicUrl), undefined)
})

for (const [title, change] of [
  ['no token', { 'x-csrf-token': undefined }],
  ['another token', { 'x-csrf-token': 'tokeN' }],
  ['a longer token', { 'x-csrf-token': 'token2' }],
  ['an empty token', { 'x-csrf-token': '' }],
  ['another origin', { origin: 'http://127.0.0.1:8081' }],
  ['the origin null', { origin: 'null' }],
  ['another site', { 'sec-fetch-site': 'cross-site' }],
  ['a sibling of our site', { 'sec-fetch-site': 'same-site' }],
] as const) {
  test(`${title} is refused`, () => assert.ok(csrfFault({ ...good, ...change }, 'token', publicUrl)))
}
