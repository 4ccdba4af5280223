import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dayIn, isSameDay, reportingZone, shiftedDay, timeIn } from './reporting-zone.ts'

const at = '2026-03-31T22:30:00.000Z'

test('the day and the time are those of the reporting zone, not of the reader', () => {
  assert.equal(dayIn('UTC', Date.parse(at)), '2026-03-31')
  assert.equal(dayIn('Europe/Prague', Date.parse(at)), '2026-04-01')
  assert.equal(timeIn('Europe/Prague', at), '2026-04-01 00:30')
  assert.equal(timeIn('America/New_York', at), '2026-03-31 18:30')
})

test('two instants are on the same day or not as the zone has it', () => {
  const later = '2026-04-01T01:00:00.000Z'
  assert.equal(isSameDay('UTC', at, at), true)
  assert.equal(isSameDay('UTC', at, later), false)
  assert.equal(isSameDay('Europe/Prague', at, later), true)
  assert.equal(isSameDay('Europe/Prague', at, '2026-04-01T22:00:00.000Z'), false)
})

test('days are shifted over months, years and leap days', () => {
  assert.equal(shiftedDay('2026-01-01', -1), '2025-12-31')
  assert.equal(shiftedDay('2028-02-28', 1), '2028-02-29')
  assert.equal(shiftedDay('2026-03-31', -29), '2026-03-02')
})

test('a zone that does not exist is none', () => {
  assert.equal(reportingZone.parse('Europe/Prague'), 'Europe/Prague')
  for (const wrong of ['Mars/Base', '', 5]) assert.equal(reportingZone.parse(wrong), undefined)
})
