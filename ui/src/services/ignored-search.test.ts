import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ChartSearch, positionError } from '../data/books/finance-search.ts'
import { daysOrder } from '../data/search/ranges.ts'
import { daysWords } from '../time/days.ts'
import { ignoredAtStart, ignoredOf } from './ignored-search.ts'

test('what a page cannot read of its address is named, and what it reads is not', () => {
  const asked = { position: 'zzz', day: '1800-01-01', zone: 'Mars/Base', cursor: 'abc', currency: 'EUR' }
  const ignored = ignoredOf(asked, ChartSearch.parse(asked))
  assert.deepEqual(
    ignored.map(({ name, value }) => `${name}=${value}`),
    ['position=zzz', 'day=1800-01-01', 'zone=Mars/Base', 'cursor=abc'],
  )
  assert.ok(ignored.every(({ why }) => why !== undefined))
})

test('a last day is ignored for its order or for what it is, and the words say which', () => {
  const whyOf = (to: string) => ignoredOf({ to }, {})[0]?.why
  assert.equal(whyOf('2026-03-01'), daysOrder)
  assert.equal(whyOf('0001-01-01'), daysWords)
  assert.equal(whyOf('tomorrow'), daysWords)
})

test('the router is asked for the address as it would put it right', () => {
  const router = {
    latestLocation: { pathname: '/payments', search: { text: 'rent', sort: 'size' } },
    buildLocation: () => ({ search: { text: 'rent', sort: undefined } }),
  }
  const parts = [{ name: 'sort', value: 'size', why: undefined }]
  assert.deepEqual(ignoredAtStart(router), { path: '/payments', parts })
})

test('a position is one number a partition, and no partition twice', () => {
  for (const text of ['0:1842', '0:91,3:1842']) assert.equal(positionError(text), undefined)
  for (const text of ['zzz', '1842', '0:1,0:2']) assert.match(positionError(text) ?? '', /looks like 0:1842/)
})
