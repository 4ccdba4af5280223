import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { systemClock } from '@micropay/runtime/clock'
import { Account, EntryPage } from '@micropay/schemas/api/account'
import { PaymentPage } from '@micropay/schemas/api/payment'
import { Problem } from '@micropay/schemas/api/problem'
import { FARTHEST_RECORDS } from '../position/await-position.ts'
import { type ReadSideFixture, startReadSide } from './read-side.fixture.ts'

let side: ReadSideFixture
let seq = 0

before(async () => {
  side = await startReadSide()
})
after(() => side.close())

/** Deposits one cent and answers its sequence. */
async function deposit(times = 1): Promise<number> {
  const records = Array.from({ length: times }, () => side.ledger.pay([['cash', 'ada:main', 1]]))
  await side.append(...records)
  seq = side.ledger.position().seq
  return seq
}

test('before the projection has made its tables, readiness says so and queries answer 503', async () => {
  const ready = await side.get('/health/ready', 'ada')
  assert.equal(ready.statusCode, 503)
  for (const path of ['/v1/accounts', '/v1/accounts/ada:main', '/v1/payments', '/v1/payments/pay-0-1']) {
    const response = await side.get(path, 'ada', { prefer: 'wait=0' })
    assert.equal(response.statusCode, 503, path)
    assert.equal(Problem.parse(response.json()).code, 'projection_behind')
    assert.ok(response.headers['retry-after'])
  }
})

test('a read that asks for a position waits until the model is there', async () => {
  const { ledger } = side
  await side.append(ledger.genesis(), ledger.claim())
  await side.append(ledger.open('cash', { type: 'external', overdraftLimit: 'unlimited' }), ledger.open('ada:main'))
  const waiting = side.get('/v1/accounts/ada:main', 'ada', { 'at-least': '0:2', prefer: 'wait=10' })
  side.project()
  assert.equal((await waiting).statusCode, 200)

  const next = ledger.position().seq + 1
  const later = side.get('/v1/accounts/ada:main', 'ada', { 'at-least': `0:${next}`, prefer: 'wait=10' })
  await deposit()
  const response = await later
  assert.equal(response.statusCode, 200)
  assert.equal(response.headers.position, `0:${next}`)
  assert.equal(Account.parse(response.json()).balance, '1')
  assert.equal((await side.get('/health/ready', 'ada')).statusCode, 200)
})

test('a read looks first when the feed knows the model to be there, and waits first when it is not', async () => {
  const wanted = await deposit()
  assert.equal((await side.get('/v1/accounts/ada:main', 'ada', { 'at-least': `0:${wanted}` })).statusCode, 200)
  await side.feed.reached([{ partition: 0, seq: wanted }], 10_000)
  assert.equal(side.feed.isBehind([{ partition: 0, seq: wanted }]), false)
  assert.equal(side.feed.isBehind([{ partition: 0, seq: wanted + 1 }]), true)
  assert.equal(side.feed.isBehind([{ partition: 1, seq: 1 }]), false, 'nothing is known of a partition that is none')
  const far = { 'at-least': `0:${wanted + 1_000}`, prefer: 'wait=1' }
  assert.equal((await side.get('/v1/accounts/ada:main', 'ada', far)).statusCode, 503)
  assert.equal((await side.get('/v1/accounts/ada:main', 'ada', { 'at-least': '1:1' })).statusCode, 400)
})

test('readers of their own writes never see an older state, whatever goes on', async () => {
  for (let round = 0; round < 30; round += 1) {
    const wanted = await deposit(1 + (round % 3))
    const response = await side.get('/v1/accounts/ada:main', 'ada', { 'at-least': `0:${wanted}` })
    assert.equal(response.statusCode, 200)
    assert.equal(Account.parse(response.json()).balance, String(wanted - 2))
    assert.equal(response.headers.stale, undefined)
  }
})

test('what the Position says is what the rows reflect', async () => {
  const reads = Array.from({ length: 40 }, async () => {
    await deposit()
    const response = await side.get('/v1/accounts/ada:main', 'ada')
    const at = Number(String(response.headers.position).split(':')[1])
    assert.equal(Account.parse(response.json()).balance, String(at - 2))
  })
  await Promise.all(reads)
})

test('a position that is not reached in time is a 503 when strict, and marked stale when lenient', async () => {
  const headers = { 'at-least': `0:${seq + 1_000}` }
  const strict = await side.get('/v1/accounts/ada:main', 'ada', { ...headers, prefer: 'wait=0' })
  assert.equal(strict.statusCode, 503)
  assert.equal(Problem.parse(strict.json()).code, 'projection_behind')
  assert.equal(strict.headers['retry-after'], '1')
  assert.equal(strict.headers['preference-applied'], 'wait=0')
  const lenient = await side.get('/v1/accounts/ada:main', 'ada', { ...headers, prefer: 'wait=0, handling=lenient' })
  assert.equal(lenient.statusCode, 200)
  assert.equal(lenient.headers.stale, 'true')
  assert.equal(lenient.headers['preference-applied'], 'wait=0, handling=lenient')
  assert.match(String(lenient.headers.position), /^0:[0-9]+$/)
})

test('a position that nothing reaches in that time is answered before one that is about to be reached', async () => {
  const { seq: now } = side.ledger.position()
  const order: string[] = []
  const near = side.get('/v1/accounts', 'ada', { 'at-least': `0:${now + 1}`, prefer: 'wait=10' }).then((answer) => {
    order.push(`near ${answer.statusCode}`)
  })
  const far = { 'at-least': `0:${now + FARTHEST_RECORDS + 1}` }
  const strict = await side.get('/v1/accounts', 'ada', { ...far, prefer: 'wait=10' })
  assert.equal(Problem.parse(strict.json()).code, 'projection_behind')
  const lenient = await side.get('/v1/accounts', 'ada', { ...far, prefer: 'wait=10, handling=lenient' })
  assert.deepEqual([lenient.statusCode, lenient.headers.stale], [200, 'true'])
  order.push('far')
  await deposit()
  await near
  assert.deepEqual(order, ['far', 'near 200'])
})

test('pages neither skip nor repeat while the ledger grows', async () => {
  await deposit(30)
  await side.get('/v1/accounts', 'ada', { 'at-least': `0:${seq}` })
  const before = seq
  const entries: string[] = []
  const payments: string[] = []
  let entryCursor = ''
  let paymentCursor = ''
  do {
    const entryPage = await side.get(`/v1/accounts/ada:main/entries?limit=7${entryCursor}`, 'ada')
    const { items, next } = EntryPage.parse(entryPage.json())
    entries.push(...items.map((entry) => entry.position))
    entryCursor = next === null ? '' : `&cursor=${next}`
    const wanted = await deposit(3)
    await side.get('/v1/accounts', 'ada', { 'at-least': `0:${wanted}` })
  } while (entryCursor)
  do {
    const page = await side.get(`/v1/payments?limit=9${paymentCursor}`, 'ada')
    const { items, next } = PaymentPage.parse(page.json())
    payments.push(...items.map((payment) => payment.position))
    paymentCursor = next === null ? '' : `&cursor=${next}`
    await deposit(2)
  } while (paymentCursor)
  const expected = (from: number) => Array.from({ length: from - 2 }, (_, index) => `0:${from - index}`)
  assert.deepEqual(entries, expected(before))
  assert.deepEqual(payments, expected(Number(payments[0]?.split(':')[1])))
})

test('a database that cannot be reached is a 503 that says so, and no fault of ours', async () => {
  const path = '/v1/accounts/ada:main'
  assert.equal((await side.get(path, 'ada')).statusCode, 200)
  side.proxy.set('cut')
  const answer = await side.get(path, 'ada')
  side.proxy.set('pass')
  assert.equal(answer.statusCode, 503)
  assert.equal(answer.headers['retry-after'], '2')
  const { code, detail } = Problem.parse(answer.json())
  assert.deepEqual([code, detail], ['projection_behind', 'the read model does not answer right now: ask again soon'])
  while ((await side.get(path, 'ada')).statusCode !== 200) await systemClock.sleep(5)
})
