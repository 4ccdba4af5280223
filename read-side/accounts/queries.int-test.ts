import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Account, AccountPage, EntryPage } from '@micropay/schemas/api/account'
import { Payment, PaymentPage } from '@micropay/schemas/api/payment'
import { Problem } from '@micropay/schemas/api/problem'
import { type ReadSideFixture, startReadSide } from './read-side.fixture.ts'

let side: ReadSideFixture

before(async () => {
  side = await startReadSide()
  const { ledger } = side
  await side.append(
    ledger.genesis(),
    ledger.claim(),
    ledger.open('cash', { type: 'external', owner: 'house', name: 'Cash desk', overdraftLimit: 'unlimited' }),
    ledger.open('ada:main', { name: 'Main', overdraftLimit: '500' }),
    ledger.open('ada:savings'),
    ledger.open('bob:main', { owner: 'customer:bob', name: 'Bob' }),
    ledger.open('other:main', { owner: 'customer:ada', tenant: 'other' }),
    ledger.pay([['cash', 'ada:main', 10_000]], { kind: 'deposit', actor: 'operator', metadata: { desk: '4' } }),
    ledger.pay([['ada:main', 'bob:main', 2_500]], { reference: 'rent', effectiveAt: '2026-02-27T10:00:00+01:00' }),
    ledger.refuse(
      { postings: [{ from: 'bob:main', to: 'ada:main', amount: '999999', currency: 'EUR' }] },
      { actor: 'customer:bob' },
    ),
    ledger.pay([
      ['cash', 'ada:savings', 1],
      ['cash', 'bob:main', 2],
    ]),
  )
  side.project()
  const response = await side.get('/v1/accounts', 'finance', { 'at-least': '0:9', prefer: 'wait=10' })
  assert.equal(response.statusCode, 200)
})

after(() => side.close())

test('an account shows its balance, what is available, and the commit that changed it last', async () => {
  const response = await side.get('/v1/accounts/ada:main', 'ada')
  assert.equal(response.statusCode, 200)
  assert.equal(response.headers.position, '0:9')
  assert.match(String(response.headers.age), /^[0-9]+$/, 'whole seconds: RFC 9111, 1.2.2')
  assert.match(String(response.headers.behind), /^[0-9]+\.[0-9]$/)
  assert.ok(Number(response.headers.age) >= Number(response.headers.behind))
  assert.deepEqual(Account.parse(response.json()), {
    accountId: 'ada:main',
    type: 'customer',
    currency: 'EUR',
    owner: 'customer:ada',
    name: 'Main',
    ownerReference: null,
    path: null,
    status: 'open',
    frozen: null,
    receivesFromCustomers: true,
    overdraftLimit: '500',
    belowLimitSince: null,
    balance: '7500',
    held: '0',
    due: '0',
    available: '8000',
    openedOn: null,
    openedAt: '2026-03-01T09:00:01.000Z',
    changedAt: '2026-03-01T09:00:06.000Z',
    position: '0:7',
  })
})

test('an account without a limit has nothing to say about what is available', async () => {
  const response = await side.get('/v1/accounts/cash', 'finance')
  const { balance, available, overdraftLimit } = Account.parse(response.json())
  assert.deepEqual(
    { balance, available, overdraftLimit },
    { balance: '-10003', available: null, overdraftLimit: 'unlimited' },
  )
})

test('a statement is newest first, with the balance after each entry and the name of the other side', async () => {
  const response = await side.get('/v1/accounts/ada:main/entries', 'ada')
  const { items, next } = EntryPage.parse(response.json())
  assert.equal(next, null)
  assert.deepEqual(items[0], {
    position: '0:7',
    index: 0,
    paymentId: 'pay-0-7',
    kind: 'payment',
    counterparty: 'bob:main',
    counterpartyName: 'Bob',
    amount: '-2500',
    currency: 'EUR',
    balanceAfter: '7500',
    effectiveAt: '2026-02-27T09:00:00.000Z',
    decidedAt: '2026-03-01T09:00:06.000Z',
    reference: 'rent',
    description: null,
    reverses: null,
  })
  assert.deepEqual(
    items.map((entry) => [entry.position, entry.amount, entry.balanceAfter, entry.counterpartyName]),
    [
      ['0:7', '-2500', '7500', 'Bob'],
      ['0:6', '10000', '10000', 'Cash desk'],
    ],
  )
})

test('a customer lists own accounts of the own tenant alone; who may see any lists all of the tenant by id', async () => {
  const idsOf = async (who: string, query = '') => {
    const response = await side.get(`/v1/accounts${query}`, who)
    return AccountPage.parse(response.json()).items.map((account) => account.accountId)
  }
  assert.deepEqual(await idsOf('ada'), ['ada:main', 'ada:savings'])
  assert.deepEqual(await idsOf('finance'), ['ada:main', 'ada:savings', 'bob:main', 'cash'])
  assert.deepEqual(await idsOf('other-finance'), ['other:main'])
  assert.deepEqual(await idsOf('ada', '?owner=customer:bob'), [])
  assert.deepEqual(await idsOf('finance', '?owner=customer:bob'), ['bob:main'])
  assert.deepEqual(await idsOf('finance', '?type=external&currency=EUR&status=open'), ['cash'])
  assert.deepEqual(await idsOf('finance', '?status=closed'), [])
})

test('what a caller may not see is answered as what does not exist', async () => {
  const paths = [
    ['/v1/accounts/bob:main', '/v1/accounts/nobody'],
    ['/v1/accounts/other:main', '/v1/accounts/nobody'],
    ['/v1/accounts/bob:main/entries', '/v1/accounts/nobody/entries'],
    ['/v1/payments?account=bob:main', '/v1/payments?account=nobody'],
    ['/v1/payments/pay-0-8', '/v1/payments/pay-0-999'],
  ] as const
  for (const [hidden, missing] of paths) {
    const one = await side.get(hidden, 'ada')
    const other = await side.get(missing, 'ada')
    assert.equal(one.statusCode, 404, hidden)
    assert.deepEqual(one.json(), other.json(), hidden)
  }
  const foreign = await side.get('/v1/accounts/ada:main', 'other-finance')
  assert.equal(foreign.statusCode, 404)
})

test('a refused payment is seen by who was to pay, with the reason, and not by who was to be paid', async () => {
  const seen = await side.get('/v1/payments/pay-0-8', 'bob')
  const payment = Payment.parse(seen.json())
  assert.deepEqual([payment.status, payment.rejection?.code, payment.kind], ['rejected', 'insufficient_funds', null])
  const listed = await side.get('/v1/payments?status=rejected', 'bob')
  assert.deepEqual(PaymentPage.parse(listed.json()).items, [payment])
  const ofAda = await side.get('/v1/payments?status=rejected', 'ada')
  assert.deepEqual(PaymentPage.parse(ofAda.json()).items, [])
  const ofFinance = await side.get('/v1/payments?status=rejected', 'finance')
  assert.deepEqual(
    PaymentPage.parse(ofFinance.json()).items.map(({ paymentId }) => paymentId),
    ['pay-0-8'],
  )
})

test('of a payment with several postings an owner sees the own ones alone', async () => {
  const postingsOf = async (who: string) => {
    const response = await side.get('/v1/payments/pay-0-9', who)
    return Payment.parse(response.json()).postings?.map((posting) => posting.to)
  }
  assert.deepEqual(await postingsOf('ada'), ['ada:savings'])
  assert.deepEqual(await postingsOf('bob'), ['bob:main'])
  assert.deepEqual(await postingsOf('finance'), ['ada:savings', 'bob:main'])
})

test('payments are newest first, of all own accounts together or of one', async () => {
  const idsOf = async (who: string, query = '') => {
    const response = await side.get(`/v1/payments${query}`, who)
    return PaymentPage.parse(response.json()).items.map((payment) => payment.paymentId)
  }
  assert.deepEqual(await idsOf('ada'), ['pay-0-9', 'pay-0-7', 'pay-0-6'])
  assert.deepEqual(await idsOf('ada', '?account=ada:main'), ['pay-0-7', 'pay-0-6'])
  assert.deepEqual(await idsOf('finance'), ['pay-0-9', 'pay-0-8', 'pay-0-7', 'pay-0-6'])
  assert.deepEqual(await idsOf('finance', '?account=bob:main&status=posted'), ['pay-0-9', 'pay-0-7'])
  assert.deepEqual(await idsOf('other-finance'), [])
})

test('bad input is a 400 that says what to do', async () => {
  const bad = [
    ['/v1/accounts?limit=0', {}],
    ['/v1/accounts?limit=501', {}],
    ['/v1/accounts?limit=ten', {}],
    ['/v1/accounts?colour=red', {}],
    ['/v1/accounts?currency=EURO', {}],
    ['/v1/accounts/a%20b', {}],
    ['/v1/payments/17', {}],
    ['/v1/payments?status=submitted', {}],
    ['/v1/accounts?cursor=abc', {}],
    ['/v1/accounts?cursor=abc.def', {}],
    ['/v1/accounts', { 'at-least': 'soon' }],
    ['/v1/accounts', { 'at-least': '0:1,0:2' }],
    ['/v1/accounts', { 'at-least': '7:1' }],
    ['/v1/account-events', { 'last-event-id': 'yesterday' }],
  ] as const
  for (const [path, headers] of bad) {
    const response = await side.get(path, 'finance', headers)
    assert.equal(response.statusCode, 400, `${path} ${JSON.stringify(headers)}: ${response.body}`)
    assert.equal(Problem.parse(response.json()).code, 'invalid_request', path)
  }
  assert.match((await side.get('/v1/accounts?limit=501', 'finance')).json().detail, /from 1 to 500/)
  assert.equal((await side.get('/v1/accounts?limit=500', 'finance')).statusCode, 200)
  assert.equal((await side.get('/v1/accounts?limit=1', 'finance')).statusCode, 200)
  assert.equal((await side.get('/v1/accounts', 'nobody')).statusCode, 401)
})

test('a cursor is good for its own list, filters and caller alone', async () => {
  const first = await side.get('/v1/accounts?limit=1', 'finance')
  const { next } = AccountPage.parse(first.json())
  assert.ok(next)
  const cursor = encodeURIComponent(next)
  assert.equal((await side.get(`/v1/accounts?limit=2&cursor=${cursor}`, 'finance')).statusCode, 200)
  for (const path of ['/v1/accounts?type=external&', '/v1/payments?', '/v1/accounts/ada:main/entries?']) {
    const response = await side.get(`${path}cursor=${cursor}`, 'finance')
    assert.equal(response.statusCode, 400, path)
    assert.match(Problem.parse(response.json()).detail, /start again without cursor/)
  }
  assert.equal((await side.get(`/v1/accounts?cursor=${cursor}`, 'ada')).statusCode, 400)
  const [place = '', signature] = next.split('.')
  const forged = `${Buffer.from('["cash"]').toString('base64url')}.${signature}`
  assert.notEqual(forged.split('.')[0], place)
  assert.equal((await side.get(`/v1/accounts?cursor=${forged}`, 'finance')).statusCode, 400)
})

test('whoever sees a part of a refused payment does not learn what another payer has', async () => {
  const postings = ['ada:main', 'bob:main'].map((from) => ({ from, to: 'cash', amount: '9000', currency: 'EUR' }))
  await side.append(side.ledger.refuse({ postings }, { detail: 'ada:main has 80.00 EUR available' }))
  const detailFor = async (who: string) => {
    const response = await side.get('/v1/payments/pay-0-10', who, { 'at-least': '0:10', prefer: 'wait=10' })
    return Payment.parse(response.json()).rejection?.detail
  }
  assert.equal(await detailFor('finance'), 'ada:main has 80.00 EUR available')
  assert.equal(await detailFor('bob'), 'The account does not hold enough')
})
