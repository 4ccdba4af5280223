import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createHandClock, passing } from '../hand-clock.fixture.ts'
import { createLogger } from '../logger.ts'
import { askInTime } from './asked-source.ts'
import type { AskedSource, Tell } from './told.ts'

const EVERY_MS = 5_000

/** A source of one figure, and what a scrape is told. */
function sourceOf(ask: AskedSource['ask']) {
  const clock = createHandClock()
  const logged: string[] = []
  const log = createLogger('test', 'warn', { write: (line) => void logged.push(line) })
  const tellAll = askInTime({ name: 'verification', everyMs: EVERY_MS, ask }, clock, log)
  const scrape = async () => {
    const told = new Map<string, number>()
    const tell = (name: string, value: number) => void told.set(name, value)
    await passing(clock, tellAll(tell as Tell))
    return { up: told.get('micropay_metrics_source_up'), age: told.get('micropay_verification_age_seconds') }
  }
  return { clock, scrape, logged }
}

test('a source is asked again once its time is over, and tells the same in between', async () => {
  let asked = 0
  const { clock, scrape } = sourceOf(async (tell) => tell('micropay_verification_age_seconds', ++asked))
  assert.deepEqual(await scrape(), { up: 1, age: 1 })
  assert.deepEqual(await scrape(), { up: 1, age: 1 })
  clock.advance(EVERY_MS)
  assert.deepEqual(await scrape(), { up: 1, age: 2 })
})

test('what a source said is told no more once it has failed for long, and what it says then at once', async () => {
  let fails = false
  const { clock, scrape, logged } = sourceOf(async (tell) => {
    if (fails) throw new Error('the database is away')
    tell('micropay_verification_age_seconds', 1)
  })
  await scrape()
  fails = true
  clock.advance(EVERY_MS)
  assert.deepEqual(await scrape(), { up: 1, age: 1 })
  clock.advance(3 * EVERY_MS)
  assert.deepEqual(await scrape(), { up: 0, age: undefined })
  assert.equal(logged.length, 1)
  fails = false
  assert.deepEqual(await scrape(), { up: 1, age: 1 })
})

test('a source that says nothing keeps no scrape waiting, and is not asked twice at a time', async () => {
  let asked = 0
  const { scrape } = sourceOf(() => {
    asked += 1
    return new Promise(() => undefined)
  })
  assert.deepEqual(await scrape(), { up: 0, age: undefined })
  assert.deepEqual(await scrape(), { up: 0, age: undefined })
  assert.equal(asked, 1)
})
