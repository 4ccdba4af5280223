import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createPartitions, idOn } from '@micropay/event-log/across.fixture'
import { Account, AccountPage, EntryPage } from '@micropay/schemas/api/account'
import { type ReadSideFixture, startReadSide } from './read-side.fixture.ts'

const [ada, ben, cid] = [idOn(0, 3, 'ada'), idOn(1, 3, 'ben'), idOn(2, 3, 'cid')]
const ledger = createPartitions(3)
for (const [account, owner] of [
  [ada, 'customer:ada'],
  [ben, 'customer:bob'],
  [cid, 'customer:cid'],
] as const) {
  ledger.open(account, { overdraftLimit: '1000', owner })
}
const shown = [0, 0, 0]
let side: ReadSideFixture

async function show(): Promise<void> {
  for (const [partition, records] of ledger.records.entries()) {
    await side.appendTo(partition, records.slice(shown[partition]))
    shown[partition] = records.length
    const { seq } = ledger.ledgerOf(partition).position()
    await side.get('/v1/accounts', 'finance', { 'at-least': `${partition}:${seq}`, prefer: 'wait=10' })
  }
}

before(async () => {
  side = await startReadSide(3)
  side.project()
})
after(() => side.close())

const unsettled = async (who = 'finance') =>
  AccountPage.parse((await side.get('/v1/accounts?unsettled=true', who)).json()).items.map((account) => {
    return [account.accountId, account.balance, account.belowLimitSince === null ? 'suspense' : 'below'].join(' ')
  })
const suspense = '/v1/accounts/suspense%2F1%2FEUR'

test('what lost history has left is listed for staff until it is settled, and is no customer’s', async () => {
  await show()
  assert.deepEqual(await unsettled(), [])
  const lost = ledger.begin(
    [
      [cid, -40],
      [ben, 40],
    ],
    { lostAt: 900_001 },
  )
  lost.post(1, false)
  lost.writeOff(1)
  const again = ledger.begin([
    [ada, 1500],
    [cid, -1500],
  ])
  again.complete()
  again.end()
  again.reopen([2])
  again.force(2)
  await show()
  assert.deepEqual(await unsettled(), ['suspense/1/EUR -40 suspense', `${cid} -1500 below`])
  assert.deepEqual([await unsettled('bob'), await unsettled('ada')], [[], []])
  assert.equal(Account.parse((await side.get(suspense, 'finance')).json()).path, 'suspense/eur')
  assert.equal((await side.get(suspense, 'bob')).statusCode, 404)
  const { items } = EntryPage.parse((await side.get(`${suspense}/entries`, 'finance')).json())
  assert.deepEqual(
    items.map(({ paymentId, amount }) => [paymentId, amount]),
    [['pay-2-900001', '-40']],
  )
  ledger.write(1, ledger.ledgerOf(1).pay([[ben, 'suspense/1/EUR', 40]]))
  const back = ledger.begin([
    [ada, -500],
    [cid, 500],
  ])
  back.post(2, false)
  await show()
  assert.deepEqual(await unsettled(), [])
})
