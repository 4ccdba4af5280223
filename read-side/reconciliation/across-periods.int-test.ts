import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { test } from 'node:test'
import { digestOfSeals } from '@micropay/runtime/period-seals'
import { PeriodChecked, PeriodChecklist, PeriodList } from '@micropay/schemas/api/period'
import { ada, bank, get, ledger, show } from './across.fixture.ts'

const endOfDays = '2026-02-02T00:00:00.000Z'
const checklist = async () => PeriodChecklist.parse((await get('/v1/periods/checklist?through=2026-02-01')).json())

test('a checklist has a seal of each partition; what is between two is under way, and not out of balance', async () => {
  const payment = ledger.begin(
    [
      [ada, -40],
      [bank, 40],
    ],
    { effectiveAt: '2026-02-01T09:00:00.000Z' },
  )
  payment.prepare(1)
  payment.complete()
  await show(0)
  const { isBalanced, underWay: between, seals = [] } = await checklist()
  assert.deepEqual(
    [isBalanced, between?.map(({ partitions, credit }) => [partitions, credit])],
    [true, [[[0, 1], '40']]],
  )
  assert.equal(digestOfSeals(seals), (await checklist()).digest)
  const digests = seals.map(({ digest }) => digest)
  assert.deepEqual(
    digests,
    [`${ada}\tEUR\t-40\n`, '', ''].map((lines) => hash('sha256', lines, 'base64url')),
  )
  closingIn([0], { seals, until: '2026-03-01T09:20:00.000Z' })
  await show(0)
  const { underWay: waits } = await period()
  assert.deepEqual(waits?.payments, [{ paymentId: payment.paymentId, partitions: [0, 1] }])
  assert.deepEqual(
    waits?.partitions.map(({ state }) => state),
    ['waiting', 'not reached', 'not reached'],
  )
  payment.post(1)
  payment.end()
})

test('a period is closing until it is closed, by whoever asked for it, and sealed where all agree', async () => {
  closingIn([1, 2])
  for (const partition of [1, 2]) write(partition, 'StepPeriod', 'PeriodSealed', { periodId, touched: 0 })
  await Promise.all([show(0), show(1), show(2)])
  assert.deepEqual(
    (await period()).underWay?.partitions.map(({ state }) => state),
    ['waiting', 'sealed', 'sealed'],
  )
  const { seals = [], digest } = await checklist()
  write(0, 'StepPeriod', 'PeriodClosed', { ...days, seq: 1, digest, seals })
  write(1, 'TakeFact', 'PeriodClosed', { ...days, seq: 1, digest, seals })
  await Promise.all([show(0), show(1)])
  const { status, closedBy, underWay: waits, agrees, totals } = await period()
  assert.deepEqual([status, closedBy, waits, totals.length], ['closed', 'finance:fay', undefined, 1])
  // It was begun with other figures.
  assert.equal(agrees, false)
  const list = PeriodList.parse((await get('/v1/periods')).json())
  assert.deepEqual([list.firstOpenDay, list.items.length], ['2026-02-02', 1])
})

let periodId = ''
const days = { periodId: '', through: '2026-02-01', zone: 'UTC', before: endOfDays }
const period = async () => PeriodChecked.parse((await get(`/v1/periods/${periodId}`)).json())
let begun: Record<string, unknown> = {}

function write(
  partition: number,
  type: 'ClosePeriod' | 'TakeFact' | 'StepPeriod',
  event: string,
  data: Record<string, unknown>,
): void {
  const events = [{ type: event, version: 1, data }]
  ledger.write(partition, ledger.ledgerOf(partition).decide(type, events, { actor: 'finance:fay' }))
}

function closingIn(partitions: readonly number[], more: Record<string, unknown> = begun): void {
  const digest = 'd'.repeat(43)
  if (periodId === '') periodId = `prd-0-${ledger.ledgerOf(0).position().seq + 1}`
  begun = more
  Object.assign(days, { periodId })
  for (const partition of partitions) {
    const data = { ...days, seq: 1, digest, ...more }
    write(partition, partition === 0 ? 'ClosePeriod' : 'TakeFact', 'PeriodClosing', data)
  }
}
