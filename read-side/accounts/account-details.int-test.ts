import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type ReadSideFixture, startReadSide } from './read-side.fixture.ts'

let side: ReadSideFixture

before(async () => {
  side = await startReadSide()
  const { ledger } = side
  const details = { name: 'Main', ownerReference: 'C-17', path: 'liabilities/vip', openedOn: '2019-04-01' }
  await side.append(
    ...[ledger.genesis(), ledger.claim(), ledger.open('ada:main', { ...details, overdraftLimit: '500' })],
    ledger.open('shop', { type: 'internal', owner: 'house', overdraftLimit: 'unlimited' }),
    ledger.pay([['ada:main', 'shop', 300]]),
    ledger.freeze('ada:main', 'outgoing'),
    ledger.flag('shop', true),
    ledger.change('ada:main', { name: 'Ada Byron', overdraftLimit: '200' }),
  )
  side.project()
  await side.get('/v1/accounts', 'finance', { 'at-least': '0:6', prefer: 'wait=10' })
})
after(() => side.close())

async function shown(accountId: string, who: string) {
  const response = await side.get(`/v1/accounts/${accountId}`, who)
  assert.equal(response.statusCode, 200, response.body)
  return response.json()
}

test('an account says what its freeze stops, and what was changed', async () => {
  const account = await shown('ada:main', 'finance')
  assert.deepEqual([account.status, account.frozen, account.name], ['frozen', 'outgoing', 'Ada Byron'])
  assert.deepEqual([account.ownerReference, account.openedOn], ['C-17', '2019-04-01'])
  assert.equal(account.position, '0:6')
})

test('a limit below what is used leaves less than nothing available', async () => {
  const { overdraftLimit, balance, available } = await shown('ada:main', 'ada')
  assert.deepEqual([overdraftLimit, balance, available], ['200', '-300', '-100'])
})

test('the place in the chart is shown to staff, and not to the owner', async () => {
  assert.equal((await shown('ada:main', 'finance')).path, 'liabilities/vip')
  assert.equal((await shown('ada:main', 'ada')).path, null)
  assert.equal((await shown('shop', 'finance')).path, 'income/eur')
})

test('an account of the house says whether customers may pay it', async () => {
  assert.equal((await shown('shop', 'finance')).receivesFromCustomers, true)
  assert.equal((await shown('ada:main', 'ada')).receivesFromCustomers, true)
})

test('the file of accounts has the same, behind the columns that it had', async () => {
  const { body } = await side.get('/v1/accounts.csv', 'finance')
  const [head = '', ada = ''] = body.split('\r\n')
  assert.match(head, /,position,frozen,owner_reference,place,paid_by_customers,opened_on$/)
  assert.match(ada, /,0:6,outgoing,C-17,liabilities\/vip,yes,2019-04-01$/)
})
