import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createKeyWindow } from './key-window.ts'

const DAY_MS = 86_400_000

test('a key is found where it was counted last, among as many as there are', () => {
  const keys = createKeyWindow(400)
  const count = 20_000
  for (let seq = 1; seq <= count; seq += 1) assert.equal(keys.note(`key ${seq}`, seq, 0), undefined)
  for (let seq = 1; seq <= count; seq += 1) assert.equal(keys.note(`key ${seq}`, count + seq, DAY_MS), seq)
  assert.equal(keys.note('key 1', 2 * count + 1, DAY_MS), count + 1)
})

test('a key is kept by days of the ledger’s own time, and of the last day nothing is said', () => {
  const at = (days: number) => days * DAY_MS
  const again = (first: number, second: number) => {
    const keys = createKeyWindow(400)
    keys.note('other', 1, 0)
    keys.note('key', 2, first)
    return keys.note('key', 3, second)
  }
  assert.equal(again(0, at(400)), 2)
  assert.equal(again(0, at(400) + 1), undefined)
  assert.equal(again(at(0.5), at(400)), 2)
  assert.equal(again(at(0.5), at(400.2)), undefined)
  assert.equal(again(at(3), at(403)), 2)
})
