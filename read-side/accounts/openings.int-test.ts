import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OpeningPage } from '@micropay/schemas/api/account'
import { startReadSide } from './read-side.fixture.ts'

test('openings are counted by day, newest first, of the own tenant, for who may see every account', async () => {
  const side = await startReadSide()
  const { ledger } = side
  await side.append(
    ledger.genesis(),
    ledger.claim(),
    ledger.open('ada'),
    ledger.open('ben'),
    ledger.open('abroad', { tenant: 'other' }),
  )
  side.project()
  const read = async (who: string, query = '') => {
    const response = await side.get(`/v1/openings${query}`, who, { 'at-least': '0:3', prefer: 'wait=10' })
    assert.equal(response.statusCode, 200, response.body)
    return OpeningPage.parse(response.json())
  }
  assert.deepEqual(await read('finance'), { items: [{ day: '2026-03-01', accounts: 2 }], next: null })
  assert.deepEqual(await read('other-finance'), { items: [{ day: '2026-03-01', accounts: 1 }], next: null })
  const refused = await side.get('/v1/openings', 'ada')
  assert.equal(refused.statusCode, 403, refused.body)
  await side.close()
})
