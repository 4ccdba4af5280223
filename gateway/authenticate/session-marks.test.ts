import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isEnded } from './open-answers.ts'
import { createSignOuts, marksOf } from './session-marks.ts'

const startedAtMs = 1_800_000_000_000
const hourMs = 3_600_000

/** Ada's, each begun a millisecond after the one before. */
function session(number: number, subject = 'ada') {
  const beganMs = startedAtMs + number
  return { csrfToken: `${subject}-${number}`, subject, startedAtMs: beganMs, endsAtMs: beganMs + 12 * hourMs }
}

test('who signs in and out without end leaves a hundred and one marks, and what was signed out of is over', () => {
  const signOut = createSignOuts()
  const ends = new Map<string, number>()
  for (let number = 0; number < 1_000; number += 1) {
    for (const [mark, untilMs] of signOut(session(number))) ends.set(mark, untilMs)
  }
  assert.equal(ends.size, 101)
  for (const number of [0, 99, 100, 999]) assert.equal(isEnded(marksOf(session(number)), ends), true, `${number}`)
  assert.equal(isEnded(marksOf(session(1_000)), ends), false)
  assert.equal(isEnded(marksOf(session(500, 'ben')), ends), false)
})

test('up to the hundredth sign-out of a person, what they have open elsewhere goes on', () => {
  const signOut = createSignOuts()
  const elsewhere = marksOf(session(0))
  const ends = Array.from({ length: 100 }, (_, number) => signOut(session(number + 1)))
  assert.ok(ends.every((each) => !isEnded(elsewhere, each)))
  assert.equal(isEnded(elsewhere, signOut(session(101))), true)
})

test('a session that the issuer knows by another name is signed out of by that', () => {
  const signOut = createSignOuts()
  const known = { ...session(7), atIssuer: { subject: 'person-1', sid: 'abc', issuedAtSeconds: startedAtMs / 1000 } }
  for (let times = 0; times < 101; times += 1) assert.equal(isEnded(marksOf(known), signOut(known)), true)
})
