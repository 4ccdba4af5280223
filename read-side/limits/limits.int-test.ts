import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LimitPage } from '@micropay/schemas/api/limit'
import { startLimits } from './limits.fixture.ts'

test('limits of the own accounts, or of all of the tenant, with what is used of them, page by page', async () => {
  const side = await startLimits()
  const { ledger } = side
  await side.append(
    ledger.genesis(),
    ledger.claim(),
    ledger.open('ada', { overdraftLimit: '500' }),
    ledger.open('bank', { type: 'external', owner: 'house', overdraftLimit: 'unlimited' }),
    ledger.open('ben', { owner: 'customer:ben', overdraftLimit: '0' }),
    ledger.open('abroad', { tenant: 'other' }),
    ledger.pay([['ada', 'ben', 300]]),
  )
  const read = async (who: string, query = '') => {
    const answer = await side.get(`/v1/limits${query}`, who)
    assert.equal(answer.statusCode, 200, answer.body)
    return LimitPage.parse(answer.json())
  }
  const ada = { accountId: 'ada', currency: 'EUR', overdraftLimit: '500', used: '300', available: '200' }
  const ben = { accountId: 'ben', currency: 'EUR', overdraftLimit: '0', used: '0', available: '300' }
  assert.deepEqual(await read('ada'), { items: [ada], next: null })
  assert.deepEqual(await read('finance'), { items: [ada, ben], next: null })
  const first = await read('finance', '?limit=1')
  assert.deepEqual(first.items, [ada])
  assert.deepEqual(await read('finance', `?limit=1&cursor=${first.next}`), { items: [ben], next: null })
  assert.deepEqual(
    (await read('other')).items.map(({ accountId }) => accountId),
    ['abroad'],
  )
  assert.equal((await side.get('/v1/limits', 'vera')).statusCode, 403)
  await side.append(ledger.pay([['ben', 'ada', 100]]))
  assert.deepEqual((await read('ada')).items, [{ ...ada, used: '200', available: '300' }])
  await side.close()
})
