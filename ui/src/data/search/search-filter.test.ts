import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ownZone } from '../../time/reporting-zone.ts'
import { isNarrowed, SearchFilter, searchParameters, sortOf } from './search-filter.ts'

test('a list is sorted newest first, and by value date as soon as it asks for days', () => {
  assert.equal(sortOf({}), '-decided')
  assert.equal(sortOf({ sort: 'value' }), 'value')
  assert.equal(sortOf({ from: '2026-01-01' }), '-value')
  assert.equal(sortOf({ to: '2026-01-31', sort: 'decided' }), 'value')
  assert.equal(sortOf({ from: '2026-01-01', sort: '-decided' }), '-value')
})

test('the server is never asked for an order that it refuses', () => {
  assert.equal(searchParameters({ from: '2026-01-01', sort: 'decided' as const }).sort, 'value')
  assert.equal(searchParameters({ sort: 'decided' as const }).sort, 'decided')
  assert.equal('sort' in searchParameters({ text: 'rent' }), false)
})

test('days are those of the reporting zone, or else of the reader; without days no zone is asked for', () => {
  const zone = 'Pacific/Kiritimati'
  assert.equal(searchParameters({ from: '2026-01-01', zone }).zone, zone)
  assert.equal(searchParameters({ to: '2026-01-01' }).zone, ownZone)
  assert.equal('zone' in searchParameters({ text: 'rent', zone }), false)
  assert.equal(isNarrowed({ zone }), false)
})

test('an order narrows nothing, and an address that asks for none that exists asks for none', () => {
  assert.equal(isNarrowed({ sort: 'value' }), false)
  assert.equal(isNarrowed({ sort: 'value', text: 'rent' }), true)
  assert.deepEqual(SearchFilter.parse({ sort: 'amount', text: 'rent' }), {
    ...{ sort: undefined, text: 'rent' },
  })
})
