import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '@micropay/runtime/clock'
import { createKeptAnswers, type KeptAnswer, type Name } from './kept-answers.ts'

const MIB = 1024 * 1024
const answerOf = (kib: number): KeptAnswer => ({
  ...{ headers: {}, body: Buffer.alloc(kib * 1024), position: [] },
  atMs: 0,
})
let order = 0
const nameOf = (caller: string, key: string, own: Partial<Name> = {}): Name => {
  order += 1
  return { caller, tenant: 'main', key: `${caller} ${key}`, order, session: undefined, forMs: 60_000, ...own }
}

test('one caller has a mebibyte, and loses what came longest ago', () => {
  const kept = createKeptAnswers(systemClock)
  kept.keep(nameOf('ben', '0'), answerOf(60))
  for (let at = 0; at < 40; at += 1) kept.keep(nameOf('ada', String(at)), answerOf(60))
  const left = Array.from({ length: 40 }, (_, at) => kept.of(`ada ${at}`) !== undefined)
  assert.deepEqual([left.indexOf(true), left.lastIndexOf(false), left.at(-1)], [24, 23, true])
  assert.ok(kept.of('ben 0'))
  assert.ok(kept.bytes() <= MIB + 62 * 1024)
})

test('all callers together have 32 MiB, whoever they are', () => {
  const kept = createKeptAnswers(systemClock)
  for (let at = 0; at < 1_000; at += 1) kept.keep(nameOf(`caller ${at}`, '/'), answerOf(60))
  assert.ok(kept.bytes() <= 32 * MIB && kept.bytes() > 31 * MIB)
  assert.equal(kept.of('caller 0 /'), undefined)
  assert.ok(kept.of('caller 999 /'))
})

test('an answer never takes the place of what was asked for later', () => {
  const kept = createKeptAnswers(systemClock)
  const early = nameOf('ada', '/')
  const late = nameOf('ada', '/')
  kept.refuse(late)
  kept.keep(early, answerOf(1))
  assert.equal(kept.of(early.key), undefined)
  const now = nameOf('ada', '/')
  kept.keep(now, answerOf(2))
  kept.refuse(late)
  assert.equal(kept.of(now.key)?.body.byteLength, 2048)
})

test('only what a session asked for goes with it', () => {
  const kept = createKeptAnswers(systemClock)
  for (const mark of ['one', 'two', undefined]) {
    const session = mark === undefined ? undefined : new Map([[mark, 5]])
    kept.keep(nameOf('ada', `${mark}`, { session }), answerOf(1))
  }
  kept.dropSessions(
    new Map([
      ['one', 5],
      ['two', 4],
      ['three', 5],
    ]),
  )
  assert.deepEqual(
    ['one', 'two', 'undefined'].map((key) => kept.of(`ada ${key}`) !== undefined),
    [false, true, true],
  )
})

test('nothing is kept for a token that ends at once', () => {
  const kept = createKeptAnswers(systemClock)
  kept.keep(nameOf('ada', '/', { forMs: 0 }), answerOf(1))
  assert.equal(kept.of('ada /'), undefined)
})
