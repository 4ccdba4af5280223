import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { systemClock } from '@micropay/runtime/clock'
import { type ReadSideFixture, startReadSide } from './read-side.fixture.ts'

/** What one fault may cost. */
const HEALS_WITHIN_MS = 30_000

describe('a reader whose connections die without a word', { timeout: 120_000 }, () => {
  let side: ReadSideFixture
  beforeEach(async () => {
    side = await startReadSide()
    side.project()
    const { ledger } = side
    await side.append(ledger.genesis(), ledger.claim(), ledger.open('ada'))
    while (side.feed.notReadyBecause() !== undefined) await systemClock.sleep(5)
  })
  afterEach(() => side.close())

  test('says that it does not answer, and reads again once they can be made anew', async () => {
    assert.equal((await side.get('/v1/accounts', 'finance')).statusCode, 200)
    side.proxy.set('hold')
    const late = systemClock.deadline(HEALS_WITHIN_MS)
    const answers = await Promise.all(Array.from({ length: 12 }, () => side.get('/v1/accounts', 'finance')))
    assert.deepEqual([...new Set(answers.map(({ statusCode }) => statusCode))], [503])
    side.proxy.set('pass')
    while ((await side.get('/v1/accounts', 'finance')).statusCode !== 200) await systemClock.sleep(5)
    assert.equal(late.aborted, false)
  })

  test('hears again of what changes', async () => {
    side.proxy.set('hold')
    while (side.feed.notReadyBecause() === undefined) await systemClock.sleep(5)
    side.proxy.set('pass')
    const heard = new Promise<void>((resolve) => {
      side.feed.subscribe(({ position }) => {
        if (position) resolve()
      })
    })
    const late = systemClock.deadline(HEALS_WITHIN_MS)
    while (side.feed.notReadyBecause() !== undefined) await systemClock.sleep(5)
    await side.append(side.ledger.open('bob'))
    await heard
    assert.equal(late.aborted, false)
  })
})
