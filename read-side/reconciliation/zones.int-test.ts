import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { openTestDatabase } from '@micropay/projections/versions/test-database.fixture'
import { startOfDay, TimeZone } from '@micropay/schemas/days'

const database = openTestDatabase()
after(async () => (await database).close())

/** Days of both halves of each year; zones without a place, and rules that are still to come, were no matter here. */
const days = [1900, 1925, 1945, 1970, 1980, 1990, 2000, 2010, 2020, 2026].flatMap((year) => [
  ...[`${year}-01-15`, `${year}-07-15`],
])

async function namesIn(view: string, column: string): Promise<string[]> {
  const { pool } = await database
  const { rows } = await pool.query<{ name: string }>(`select distinct ${column} as name from ${view}`)
  return rows.map(({ name }) => name)
}

test('every zone that is taken has days that begin at the same instant in PostgreSQL', async () => {
  const { pool } = await database
  const known = await namesIn('pg_timezone_names', 'name')
  const taken = [...known, ...Intl.supportedValuesOf('timeZone')].filter((zone) => TimeZone.safeParse(zone).success)
  const zones = [...new Set(taken)]
  assert.ok(zones.length > 400, `${zones.length} zones`)
  for (const day of days) {
    const { rows } = await pool.query<{ zone: string; began: Date }>(
      'select zone, $1::timestamp at time zone zone as began from unnest($2::text[]) as zone',
      [day, zones],
    )
    const differing = rows.filter(({ zone, began }) => began.getTime() !== startOfDay(day, zone).getTime())
    assert.deepEqual(differing, [], day)
  }
})

test('none is taken that PostgreSQL takes for an abbreviation', async () => {
  const taken = (await namesIn('pg_timezone_abbrevs', 'abbrev')).filter((name) => TimeZone.safeParse(name).success)
  assert.deepEqual(taken, ['UTC'])
})
