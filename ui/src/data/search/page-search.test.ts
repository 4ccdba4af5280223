import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { dropPages, listSearch, pagesInUrl, withoutPages } from './page-search.ts'

const schema = listSearch(z.object({ text: z.string().optional() }))

test('one page needs no word in the address, and twenty are the most', () => {
  assert.deepEqual([0, 1, 2, 20, 21].map(pagesInUrl), [undefined, undefined, '2', '20', '20'])
  for (const [asked, read] of [
    ['1', undefined],
    ['5', '5'],
    ['400', '20'],
    ['0', undefined],
    ['-3', undefined],
    ['2.5', undefined],
    ['many', undefined],
  ] as const) {
    assert.equal(schema.parse({ pages: asked }).pages, read, asked)
  }
})

test('how much is loaded is no condition of a list', () => {
  assert.deepEqual(withoutPages({ text: 'rent', pages: '5' }), { text: 'rent' })
})

test('the pages stay while the list does, and go with another filter or order', () => {
  const before = { text: 'rent', sort: undefined, pages: '5' }
  const to = (after: Record<string, unknown>) => dropPages({ search: before, next: () => after })
  assert.deepEqual(to({ text: 'rent', pages: '6' }), { text: 'rent', pages: '6' })
  assert.deepEqual(to({ ...before, on: '2026-01-31' }), { ...before, on: '2026-01-31' })
  assert.deepEqual(to({ ...before, sort: 'value' }), { text: 'rent', sort: 'value' })
  assert.deepEqual(to({ pages: '5' }), {})
})
