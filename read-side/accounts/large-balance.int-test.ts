import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { FixturePosting } from '@micropay/event-log/ledger.fixture'
import { Account } from '@micropay/schemas/api/account'
import { BalanceOn } from '@micropay/schemas/api/balance'
import { MAX_AMOUNT_MINOR } from '@micropay/schemas/money'
import { type ReadSideFixture, startReadSide } from './read-side.fixture.ts'

let side: ReadSideFixture
const most = 9_200n * MAX_AMOUNT_MINOR

/** By value date ada had twice on the 2nd what she ever had by booking. */
before(async () => {
  side = await startReadSide()
  const { ledger } = side
  const moving = (from: string, to: string, day: string) =>
    Array.from({ length: 92 }, () => {
      const postings = Array.from({ length: 100 }, (): FixturePosting => [from, to, MAX_AMOUNT_MINOR])
      return ledger.pay(postings, { effectiveAt: `${day}T12:00:00.000Z` })
    })
  await side.append(
    ledger.genesis(),
    ledger.claim(),
    ledger.open('bank', { type: 'external', overdraftLimit: 'unlimited' }),
    ledger.open('ada', { overdraftLimit: '1000000000000000' }),
    ...moving('bank', 'ada', '2026-03-02'),
    ...moving('ada', 'bank', '2026-03-03'),
    ...moving('bank', 'ada', '2026-03-02'),
  )
  side.project()
})
after(() => side.close())

async function get(path: string): Promise<unknown> {
  const position = `0:${side.ledger.position().seq}`
  const answer = await side.get(path, 'finance', { 'at-least': position, prefer: 'wait=10' })
  assert.equal(answer.statusCode, 200, answer.body)
  return answer.json()
}

test('a balance by value date may be one that no account could have by booking', async () => {
  const byValueDate = async (accountId: string, day: string) =>
    BigInt(BalanceOn.parse(await get(`/v1/accounts/${accountId}/balance?at=${day}`)).byValueDate)
  assert.equal(await byValueDate('ada', '2026-03-02'), 2n * most)
  assert.equal(await byValueDate('bank', '2026-03-02'), -2n * most)
  assert.equal(await byValueDate('ada', '2026-03-03'), most)
})

test('what is available is the balance and the limit together', async () => {
  const { balance, available } = Account.parse(await get('/v1/accounts/ada'))
  assert.deepEqual([BigInt(balance), BigInt(available ?? '')], [most, most + MAX_AMOUNT_MINOR])
})
