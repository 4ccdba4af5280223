import assert from 'node:assert/strict'
import { test } from 'node:test'
import { paymentsDecidedIn } from './payment-outcomes.ts'

type Decided = Parameters<typeof paymentsDecidedIn>[0]
const accepted = { kind: 'accepted' }
const rejected = { kind: 'rejected', code: 'insufficient_funds', detail: '' }
const outcomesOf = (type: string, outcome: object, ...events: object[]) =>
  paymentsDecidedIn({ command: { type }, outcome, events } as unknown as Decided)
const failed = (code: string) => ({ type: 'PaymentFailed', data: { rejection: { code } } })

test('a payment is posted where its commit posts it, or completes it across partitions', () => {
  assert.deepEqual(outcomesOf('MakePayment', accepted, { type: 'PaymentPosted' }), ['posted'])
  assert.deepEqual(outcomesOf('ApproveCommand', accepted, { type: 'CommandApproved' }, { type: 'PaymentPosted' }), [
    'posted',
  ])
  assert.deepEqual(outcomesOf('StepPayment', accepted, { type: 'LegsPosted' }, { type: 'PaymentCompleted' }), [
    'posted',
  ])
})

test('one that was begun, or is a participant’s, or is a proposal yet, is not decided', () => {
  for (const type of ['PaymentInitiated', 'LegsPrepared', 'LegsPosted', 'CommandProposed', 'PaymentEnded']) {
    assert.deepEqual(outcomesOf('StepPayment', accepted, { type }), [])
  }
})

test('one is rejected at once, or later, or cancelled, or past its deadline', () => {
  assert.deepEqual(outcomesOf('MakePayment', rejected), ['rejected'])
  assert.deepEqual(outcomesOf('RefundPayment', rejected), ['rejected'])
  assert.deepEqual(outcomesOf('OpenAccount', rejected), [])
  assert.deepEqual(outcomesOf('StepPayment', accepted, failed('account_frozen')), ['rejected'])
  assert.deepEqual(outcomesOf('StepPayment', accepted, failed('payment_cancelled')), ['cancelled'])
  assert.deepEqual(outcomesOf('ExpirePayment', accepted, failed('payment_expired')), ['timed_out'])
})
