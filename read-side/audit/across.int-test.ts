import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createPartitions, idOn } from '@micropay/event-log/across.fixture'
import { RecordView } from '@micropay/schemas/api/audit'
import { PaymentReplay, ReplayPage } from '@micropay/schemas/api/replay'
import { type AuditFixture, startAudit } from './audit.fixture.ts'

const [ada, ben, cid] = [idOn(0, 3, 'ada'), idOn(1, 3, 'ben'), idOn(2, 3, 'cid')]
const ledger = createPartitions(3)
for (const account of [ada, ben, cid]) ledger.open(account)
const paid = ledger.begin(
  [
    [ada, -300],
    [ben, 200],
    [cid, 100],
  ],
  { reference: 'rent' },
)
paid.prepare(2)
paid.prepare(1)
paid.complete()
paid.post(1)
paid.post(2)
paid.end()
const failed = ledger.begin([
  [ben, -5],
  [ada, 5],
])
failed.refuse(0)
failed.fail(undefined, true)
const alone = ledger.begin([
  [cid, -1],
  [ada, 1],
])
let audit: AuditFixture

before(async () => {
  const appended = (partition: number) => ledger.records[partition] ?? []
  audit = await startAudit({ partitions: 3 })
  for (const partition of [0, 1, 2]) await audit.appendTo(partition, appended(partition))
  const position = [0, 1, 2].map((partition) => `${partition}:${ledger.ledgerOf(partition).position().seq}`).join()
  await get('/v1/audit/payments/pay-0-2', { 'at-least': position })
})
after(() => audit.close())

const get = (path: string, more: Record<string, string> = {}) => audit.get(path, 'vera', { 'at-least': '0:1', ...more })

async function replay(paymentId: string) {
  const response = await get(`/v1/audit/payments/${paymentId}/steps`)
  assert.equal(response.statusCode, 200, response.body)
  return PaymentReplay.parse(response.json())
}

test('a payment is replayed through all its steps on all partitions', async () => {
  const { items, state, broken } = await replay(paid.paymentId)
  assert.deepEqual([state, broken], ['ended', null])
  const told = items.map(({ position, event, legs }) => [position, event, legs.map(({ amount }) => amount).join(' ')])
  assert.deepEqual(told.toSorted(), [
    ['0:2', 'PaymentInitiated', '-300'],
    ['0:3', 'PaymentCompleted', '-300 200 100'],
    ['0:4', 'PaymentEnded', ''],
    ['1:2', 'LegsPrepared', '200'],
    ['1:3', 'LegsPosted', '200 -200'],
    ['2:2', 'LegsPrepared', '100'],
    ['2:3', 'LegsPosted', '100 -100'],
  ])
})

test('one that failed says why, and one that is under way where it stands', async () => {
  const { items, state } = await replay(failed.paymentId)
  assert.equal(state, 'ended')
  assert.deepEqual(items.map(({ event, refusal }) => [event, refusal?.code]).toSorted(), [
    ['LegsRefused', 'account_closed'],
    ['PaymentFailed', 'account_closed'],
    ['PaymentInitiated', undefined],
  ])
  assert.equal((await replay(alone.paymentId)).state, 'deciding')
})

test('an account is replayed with what it promised, and its record names the payment', async () => {
  const { items } = ReplayPage.parse((await get(`/v1/audit/accounts/${encodeURIComponent(ben)}/replay`)).json())
  assert.deepEqual(
    items.map(({ event, paymentId, amount, promised, balanceAfter }) => [
      event,
      paymentId,
      amount,
      promised,
      balanceAfter,
    ]),
    [
      ['AccountOpened', null, null, null, '0'],
      ['LegsPrepared', paid.paymentId, null, '200', '0'],
      ['LegsPosted', paid.paymentId, '200', null, '200'],
      ['LegsPrepared', failed.paymentId, null, '-5', '200'],
      ['LegsReleased', failed.paymentId, null, '-5', '200'],
    ],
  )
  const begun = RecordView.parse((await get(`/v1/audit/payments/${paid.paymentId}`)).json())
  assert.equal(begun.paymentId, paid.paymentId)
  const step = RecordView.parse((await get('/v1/audit/records/1/2')).json())
  assert.deepEqual([step.decided?.idempotencyKey, step.decided?.causes, step.paymentId], [undefined, [], null])
})

test('nobody of another tenant learns of one, and what is no payment has no steps', async () => {
  assert.equal(
    (await audit.get(`/v1/audit/payments/${paid.paymentId}/steps`, 'olga', { 'at-least': '0:1' })).statusCode,
    404,
  )
  for (const other of ['pay-0-1', 'pay-0-99', 'pay-7-1']) {
    assert.equal((await get(`/v1/audit/payments/${other}/steps`)).statusCode, 404, other)
  }
})

test('a step that was changed since is told, with what came before it', async () => {
  audit.tamper(4, (text) => text.replace('"kind":"payment"', '"kind":"deposit"'))
  const { items, broken } = await replay(paid.paymentId)
  assert.equal(broken?.position, '0:3')
  assert.deepEqual(
    items.map(({ position }) => position),
    ['0:2'],
  )
})
