import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Day, dayBounds, startOfDay, TimeZone } from './days.ts'

test('a range of days holds the whole of its first and of its last day, in its time zone', () => {
  assert.deepEqual(dayBounds({ from: '2026-03-01', to: '2026-03-01', zone: 'UTC' }), {
    since: new Date('2026-03-01T00:00:00Z'),
    before: new Date('2026-03-02T00:00:00Z'),
  })
  assert.deepEqual(dayBounds({ to: '2026-02-28', zone: 'Europe/Amsterdam' }), {
    since: undefined,
    before: new Date('2026-02-28T23:00:00Z'),
  })
})

test('days are 23 and 25 hours long where the clocks change', () => {
  const hours = (day: string, zone: string) => {
    const { since, before } = dayBounds({ from: day, to: day, zone })
    return since && before ? (before.getTime() - since.getTime()) / 3_600_000 : undefined
  }
  assert.equal(hours('2026-03-29', 'Europe/Amsterdam'), 23)
  assert.equal(hours('2026-10-25', 'Europe/Amsterdam'), 25)
  assert.equal(hours('2026-03-29', 'Asia/Kathmandu'), 24)
})

test('where the clocks skip midnight, the day starts when they have', () => {
  assert.equal(startOfDay('2018-11-04', 'America/Sao_Paulo').toISOString(), '2018-11-04T03:00:00.000Z')
  assert.equal(startOfDay('2018-11-03', 'America/Sao_Paulo').toISOString(), '2018-11-03T03:00:00.000Z')
})

test('where midnight comes twice, the day starts with the first', () => {
  assert.equal(startOfDay('2026-11-01', 'America/Havana').toISOString(), '2026-11-01T04:00:00.000Z')
})

test('a day that does not exist, or lies where no rules reach, and a zone that nobody knows, are refused', () => {
  for (const day of ['2026-02-30', '2026-3-1', '1899-12-31', '3000-01-01', 'today', '']) {
    assert.equal(Day.safeParse(day).success, false, day)
  }
  assert.equal(TimeZone.safeParse('Mars/Olympus').success, false)
  assert.equal(TimeZone.safeParse("UTC'; drop").success, false)
  for (const offset of ['+05:30', '-03', '05:30', '+00:00'])
    assert.equal(TimeZone.safeParse(offset).success, false, offset)
  for (const abbreviation of ['IST', 'PST', 'EST', 'CET', 'EST5EDT', 'GMT', 'utc', 'Japan', 'Zulu'])
    assert.equal(TimeZone.safeParse(abbreviation).success, false, abbreviation)
  for (const unknown of ['SystemV/PST8', 'US/Pacific-New', 'Europe/', '/Berlin', `Europe/${'x'.repeat(60)}`])
    assert.equal(TimeZone.safeParse(unknown).success, false, unknown)
  for (const zone of ['UTC', 'Etc/UTC', 'Asia/Kolkata', 'America/Argentina/Buenos_Aires', 'Etc/GMT+5'])
    assert.equal(TimeZone.parse(zone), zone)
  assert.equal(TimeZone.parse(undefined), 'UTC')
})
