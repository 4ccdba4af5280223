import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createPartitions, idOn } from '@micropay/event-log/across.fixture'
import { Account, EntryPage } from '@micropay/schemas/api/account'
import { BalanceOn } from '@micropay/schemas/api/balance'
import { PaymentPage, PaymentWithRefunds } from '@micropay/schemas/api/payment'
import { type ReadSideFixture, startReadSide } from './read-side.fixture.ts'

const [ada, ada2, ben, cid] = [idOn(0, 3, 'ada'), idOn(2, 3, 'ada'), idOn(1, 3, 'ben'), idOn(2, 3, 'cid')]
const ledger = createPartitions(3)
const opened = { overdraftLimit: '1000' }
ledger.open(ada, { ...opened, name: 'Main' })
ledger.open(ada2, { ...opened, name: 'Savings' })
ledger.open(ben, { ...opened, owner: 'customer:bob', name: 'Ben' })
ledger.open(cid, { ...opened, owner: 'customer:cid', name: 'Cid' })

/** What partitions have written since they were last shown. */
const shown = [0, 0, 0]
let side: ReadSideFixture
let worker: ReturnType<ReadSideFixture['project']>

/** Shows the reader what partitions have written, in this order, each before the next. */
async function show(...partitions: number[]): Promise<void> {
  for (const partition of partitions) {
    const records = ledger.records[partition]?.slice(shown[partition]) ?? []
    shown[partition] = ledger.records[partition]?.length ?? 0
    await side.appendTo(partition, records)
    const { seq } = ledger.ledgerOf(partition).position()
    const headers = { 'at-least': `${partition}:${seq}`, prefer: 'wait=10' }
    assert.equal((await side.get('/v1/accounts', 'finance', headers)).statusCode, 200)
  }
}

before(async () => {
  side = await startReadSide(3)
  worker = side.project()
  await side.appendTo(0, ledger.records[0]?.slice(0, 2) ?? [])
  await side.appendTo(1, ledger.records[1]?.slice(0, 2) ?? [])
  await side.appendTo(2, ledger.records[2]?.slice(0, 2) ?? [])
  shown.fill(2)
  await show(0, 1, 2)
})
after(() => side.close())

async function money(accountId: string) {
  const { balance, held, due, available } = Account.parse(
    (await side.get(`/v1/accounts/${accountId}`, 'finance')).json(),
  )
  return [balance, held, due, available].join(' ')
}
async function found(who: string, query = ''): Promise<string[]> {
  const response = await side.get(`/v1/payments?${query}`, who)
  assert.equal(response.statusCode, 200, response.body)
  return PaymentPage.parse(response.json()).items.map(({ paymentId, status }) => `${paymentId} ${status}`)
}
async function entries(accountId: string, who: string, query = '') {
  const response = await side.get(`/v1/accounts/${accountId}/entries?${query}`, who)
  return EntryPage.parse(response.json()).items.map((each) => {
    return [each.paymentId, each.kind, each.counterparty, each.counterpartyName, each.amount, each.reference].join(' ')
  })
}
const payment = async (who: string, paymentId: string) => {
  const response = await side.get(`/v1/payments/${paymentId}`, who)
  return response.statusCode === 200 ? PaymentWithRefunds.parse(response.json()) : response.statusCode
}

test('a payment under way is seen by its payer with its deadline, and what it holds is not available', async () => {
  const first = ledger.begin(
    [
      [ada, -300],
      [ben, 300],
    ],
    { reference: 'rent' },
  )
  first.prepare(1)
  await show(0, 1)
  assert.deepEqual([await money(ada), await money(ben)], ['0 300 0 700', '0 0 300 1000'])
  const pending = await payment('ada', first.paymentId)
  assert.ok(typeof pending === 'object')
  assert.deepEqual(
    [pending.status, pending.deadline, pending.kind, pending.reference, pending.position, pending.refundable],
    ['pending', '2026-03-01T09:01:00.000Z', null, 'rent', '0:2', []],
  )
  assert.equal(pending.postings?.[0]?.toName, null, 'who is not paid yet keeps their name')
  assert.equal(await payment('bob', first.paymentId), 404)
  for (const query of ['', 'status=pending', `status=pending&account=${ada}`, 'status=pending&reference=rent']) {
    assert.deepEqual(await found('ada', query), ['pay-0-2 pending'], query)
    assert.deepEqual(await found('finance', query), ['pay-0-2 pending'], query)
  }
  assert.deepEqual([await found('bob'), await found('finance', `account=${ben}`)], [[], []])
  assert.deepEqual([await entries(ada, 'ada'), await entries(ben, 'bob')], [[], []])
  first.complete()
  first.post(1)
  first.end()
})

test('the payee who was read first has the entry, and learns of the rest with the record of the payer', async () => {
  await show(1)
  assert.deepEqual([await money(ada), await money(ben)], ['0 300 0 700', '300 0 0 1300'])
  assert.deepEqual(await entries(ben, 'bob'), [`pay-0-2  ${ada} Main 300 rent`])
  await show(0)
  assert.deepEqual(await entries(ben, 'bob'), [`pay-0-2 payment ${ada} Main 300 rent`])
  assert.deepEqual(await entries(ada, 'ada'), [`pay-0-2 payment ${ben} Ben -300 rent`])
  assert.deepEqual([await money(ada), await money(ben)], ['-300 0 0 700', '300 0 0 1300'])
  for (const who of ['ada', 'bob', 'finance']) {
    assert.deepEqual(await found(who), ['pay-0-2 posted'], who)
    assert.deepEqual(await found(who, 'status=posted'), ['pay-0-2 posted'], who)
    assert.deepEqual(await found(who, 'status=pending'), [], who)
  }
  const posted = await payment('bob', 'pay-0-2')
  assert.ok(typeof posted === 'object' && !('deadline' in posted))
  assert.deepEqual([posted.status, posted.kind, posted.postings?.[0]?.fromName], ['posted', 'payment', 'Main'])
})

test('an entry whose payment nobody has told of yet stands alone', async () => {
  const second = ledger.begin(
    [
      [ada, -5],
      [ben, 5],
    ],
    { reference: 'tip' },
  )
  second.post(1, false)
  second.complete(true)
  await show(1)
  assert.deepEqual(await entries(ben, 'bob'), [`${second.paymentId}    5 `, `pay-0-2 payment ${ada} Main 300 rent`])
  assert.deepEqual(await entries(ben, 'bob', 'reference=tip'), [])
  assert.equal(await payment('bob', second.paymentId), 404)
  await show(0)
  const whole = `${second.paymentId} payment ${ada} Main 5 tip`
  for (const query of [
    'reference=tip',
    'counterparty=Main&maxAmount=5',
    `counterparty=${ada}&maxAmount=5`,
    'text=ti',
  ]) {
    assert.deepEqual(await entries(ben, 'bob', query), [whole], query)
  }
})

test('one between own accounts of two partitions is listed once', async () => {
  const own = ledger.begin([
    [ada, -7],
    [ada2, 7],
  ])
  own.prepare(2)
  own.complete()
  own.post(2)
  await show(2, 0)
  const mine = (each: readonly string[]) => each.filter((line) => line.startsWith(own.paymentId))
  assert.equal(mine(await found('ada')).length, 1)
  assert.equal(mine(await found('ada', `account=${ada2}&counterparty=${ada}`)).length, 1)
  assert.equal(mine(await found('ada', `account=${ada2}&direction=in`)).length, 1)
  assert.equal(mine(await found('ada', 'sort=-value')).length, 1)
})

test('pages of all partitions are whole, in the order of time', async () => {
  const all = await found('finance')
  const paged: string[] = []
  let next: string | null = null
  do {
    const cursor: string = next === null ? '' : `&cursor=${encodeURIComponent(next)}`
    const page = PaymentPage.parse((await side.get(`/v1/payments?limit=1${cursor}`, 'ada')).json())
    paged.push(...page.items.map(({ paymentId, status }) => `${paymentId} ${status}`))
    next = page.next
  } while (next !== null)
  assert.deepEqual(paged, await found('ada'))
  assert.deepEqual(paged, all)
})

test('what fails is told to its payer with the reason, and nothing of it is left', async () => {
  const fails = ledger.begin([
    [ada, -50],
    [cid, 50],
  ])
  fails.refuse(2)
  fails.fail(undefined, true)
  await show(0, 2)
  const failed = await payment('ada', fails.paymentId)
  assert.ok(typeof failed === 'object')
  assert.deepEqual([failed.status, failed.rejection?.code], ['rejected', 'account_closed'])
  assert.deepEqual(await found('ada', 'status=rejected'), [`${fails.paymentId} rejected`])
  assert.deepEqual(await found('finance', 'status=rejected'), [`${fails.paymentId} rejected`])
  assert.equal(await payment('other-finance', fails.paymentId), 404)
  assert.equal((await money(ada)).split(' ')[1], '0')
})

test("whoever names an account elsewhere that is not theirs does not write into its owner's list", async () => {
  const forged = ledger.begin(
    [
      [cid, -1],
      [ben, -9],
      [ada, 10],
    ],
    { actor: 'customer:cid' },
  )
  await show(2)
  assert.equal(await payment('bob', forged.paymentId), 404)
  assert.ok(!(await found('bob', 'status=pending')).join().includes(forged.paymentId))
  assert.deepEqual(await found('finance', 'status=pending'), [`${forged.paymentId} pending`])
  forged.refuse(1)
  forged.fail({ code: 'account_not_found', detail: 'there is none', pointer: '/legs/1/account' })
  await show(1, 2)
  assert.equal(await payment('bob', forged.paymentId), 404)
  assert.ok(!(await found('bob')).join().includes(forged.paymentId))
})

test('a refund under way is not given back twice, and stands with its payment once it is posted', async () => {
  const refund = ledger.begin(
    [
      [ben, -100],
      [ada, 100],
    ],
    { reverses: { paymentId: 'pay-0-2', whole: false } },
  )
  refund.prepare(0)
  await show(1, 0)
  const during = await payment('finance', 'pay-0-2')
  assert.ok(typeof during === 'object')
  assert.deepEqual([during.refunds, during.refundable.map(({ amount }) => amount)], [[], ['-200', '200']])
  refund.complete()
  refund.post(0)
  await show(1, 0)
  const whole = await payment('finance', 'pay-0-2')
  assert.ok(typeof whole === 'object')
  assert.deepEqual(
    whole.refunds.map(({ paymentId }) => paymentId),
    [refund.paymentId],
  )
  assert.match((await entries(ada, 'ada'))[0] ?? '', new RegExp(`^${refund.paymentId} payment .* 100 $`))
})

test('a projection that starts anew goes on from what was begun before', async () => {
  const begun = ledger.begin(
    [
      [ada, -1],
      [ben, 1],
    ],
    { reference: 'late', metadata: { order: '7' } },
  )
  await show(0)
  await worker.close()
  worker = side.project()
  begun.post(1, false)
  begun.complete(true)
  await show(0, 1)
  const posted = await payment('bob', begun.paymentId)
  assert.ok(typeof posted === 'object')
  assert.deepEqual(
    [posted.status, posted.reference, posted.metadata, posted.postings?.[0]?.amount],
    ['posted', 'late', { order: '7' }, '1'],
  )
  assert.deepEqual(await entries(ben, 'bob', 'reference=late'), [`${begun.paymentId} payment ${ada} Main 1 late`])
})

test('a balance by booking counts what came from elsewhere', async () => {
  const { byBooking, byValueDate } = BalanceOn.parse(
    (await side.get(`/v1/accounts/${ben}/balance?at=2026-03-01&zone=UTC`, 'finance')).json(),
  )
  assert.deepEqual([byBooking, byValueDate], ['206', '206'])
})

test('no transit account is listed or found', async () => {
  const listed = await side.get('/v1/accounts?limit=100', 'finance')
  assert.doesNotMatch(listed.body, /transit/)
})
