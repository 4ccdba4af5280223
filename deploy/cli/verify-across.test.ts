import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLedger } from '@micropay/event-log/ledger.fixture'
import { createMemoryStore, openMemoryLog } from '@micropay/event-log/memory/event-log'
import { partitionOf } from '@micropay/schemas/placement'
import { verifyLog } from './verify-log.ts'

const names = Array.from({ length: 20 }, (_, index) => `account-${index}`)
const idOn = (partition: number) => names.find((id) => partitionOf(id, 2) === partition) ?? ''
const [ada, ben] = [idOn(0), idOn(1)]
const leg = (account: string, amount: string) => ({ account, amount, currency: 'EUR', pair: 1 })
const [effectiveAt, deadline] = ['2026-03-01T09:00:01.000Z', '2026-03-01T09:01:01.000Z']
const own = {
  paymentId: 'pay-0-2',
  legs: [leg(ada, '-5')],
  effectiveAt,
  sides: { debited: ['customer'], credited: [] },
}
const begun = {
  ...{ paymentId: 'pay-0-2', legs: [leg(ada, '-5'), leg(ben, '5')], participants: [1] },
  ...{ subject: 'customer:ada', mayBook: true, effectiveAt, deadline, settles: true },
}

/** A ledger of two partitions, between which one payment has begun; what the other one has done of it. */
async function verified(refused: boolean) {
  const log = openMemoryLog(createMemoryStore())
  await log.prepare(2)
  const [home, other] = [createLedger(0, 2), createLedger(1, 2)]
  const initiated = [
    { type: 'PaymentInitiated', version: 1, data: begun },
    { type: 'LegsPrepared', version: 1, data: own },
  ]
  await (await log.openAppender(0)).append([
    ...[home.genesis(), home.claim(), home.open(ada, { overdraftLimit: '100' })],
    home.decide('MakePayment', initiated),
  ])
  const rejection = { code: 'payment_cancelled', detail: 'no' }
  const refusal = { type: 'LegsRefused', version: 1, data: { paymentId: 'pay-0-2', rejection } }
  await (await log.openAppender(1)).append([
    ...[other.genesis(), other.claim(), other.open(ben)],
    ...(refused ? [other.decide('StepPayment', [refusal])] : []),
  ])
  const lines: string[] = []
  const terminal = { isTTY: false, columns: 80, write: () => true }
  const sources = { databases: {}, leases: undefined }
  const print = (line: string) => void lines.push(line)
  const sound = await verifyLog({ log, partition: undefined, kept: undefined, sources, print, terminal } as never)
  return { sound, text: lines.join('\n') }
}

test('what is under way between partitions is told with its age, and is no fault', async () => {
  const { sound, text } = await verified(false)
  assert.equal(sound, true, text)
  assert.match(text, /all partitions: 1 payment across them\n {2}position {2}0:2,1:1\n/)
  assert.match(text, /under way 1 payment, the oldest pay-0-2, for \d+ (s|min|h)/)
})

test('a step that nobody asked for is a fault of all partitions, and the log is not sound', async () => {
  const { sound, text } = await verified(true)
  assert.equal(sound, false)
  assert.match(text, /FAULT {5}cause_missing at 1:2, of pay-0-2: it is refused, and its coordinator 0 is not named/)
  assert.match(text, /The log is NOT sound/)
})
