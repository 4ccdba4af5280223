import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type ReadSideFixture, startReadSide } from './read-side.fixture.ts'

const cause = { code: 'account_not_found', detail: 'there is no account nobody' }
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
    ledger.pay([['shop', 'ada:main', 1]], { actor: 'operator:olga', kind: 'transfer' }),
    ledger.refuse(
      { postings: [{ from: 'ada:main', to: 'nobody', amount: '1', currency: 'EUR' }] },
      { code: 'payee_not_payable', detail: 'nobody cannot be paid', cause },
    ),
  )
  side.project()
  await side.get('/v1/accounts', 'finance', { 'at-least': '0:8', prefer: 'wait=10' })
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
  assert.equal(account.position, '0:7')
})

test('a limit below what is used leaves less than nothing available', async () => {
  const { overdraftLimit, balance, available } = await shown('ada:main', 'ada')
  assert.deepEqual([overdraftLimit, balance, available], ['200', '-299', '-99'])
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
  assert.match(head, /,position,frozen,owner_reference,place,paid_by_customers,opened_on,below_limit_since$/)
  assert.match(ada, /,0:7,outgoing,C-17,liabilities\/vip,yes,2019-04-01,$/)
})

test('who gave a command is told to staff, and an owner of their own commands alone', async () => {
  const actorOf = async (paymentId: string, who: string) =>
    (await side.get(`/v1/payments/${paymentId}`, who)).json().actor
  assert.deepEqual(
    [await actorOf('pay-0-3', 'finance'), await actorOf('pay-0-7', 'finance')],
    [...['customer:ada', 'operator:olga']],
  )
  assert.deepEqual([await actorOf('pay-0-3', 'ada'), await actorOf('pay-0-7', 'ada')], ['customer:ada', undefined])
})

test('why a payee could not be paid is shown to staff, and not to who tried', async () => {
  const rejectionFor = async (who: string) => (await side.get('/v1/payments/pay-0-8', who)).json().rejection
  const told = { code: 'payee_not_payable', detail: 'nobody cannot be paid' }
  assert.deepEqual(await rejectionFor('ada'), told)
  assert.deepEqual(await rejectionFor('finance'), { ...told, cause })
})
