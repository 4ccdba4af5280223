import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PaymentId } from '@micropay/schemas/identifiers'
import type { Commit } from '@micropay/schemas/log/commit'
import { replayPayment, type SteppedCommit } from './replay-payment.ts'

const paymentId = PaymentId.parse('pay-0-5')
const hash = 'h'.repeat(43)

function step(partition: number, seq: number, second: number, events: object[], causes: [number, number][] = []) {
  const commit = {
    ...{ epoch: 1, seq, previousHash: hash, decidedAt: `2026-03-01T09:00:0${second}.000Z`, tenant: 'acme' },
    ...{ actor: { subject: 'customer:ada', client: 'tests' }, command: { type: 'StepPayment' } },
    ...{ outcome: { kind: 'accepted' }, events, causes: causes.map(([at, of]) => ({ partition: at, seq: of, hash })) },
  } as unknown as Commit
  return { partition, commit, hash } satisfies SteppedCommit
}
const event = (type: string, data: object = {}) => ({ type, version: 1, data: { paymentId, ...data } })
const positions = (steps: SteppedCommit[]) =>
  replayPayment(paymentId, steps, undefined).items.map(({ position }) => position)

test('steps stand in the order of time', () => {
  const steps = [
    step(2, 3, 4, [event('LegsPosted', { legs: [] })]),
    step(0, 5, 1, [event('PaymentInitiated', { legs: [] })]),
  ]
  assert.deepEqual(positions(steps), ['0:5', '2:3'])
})

test('no step stands before what it rests on, or behind the next of its partition, whatever clocks say', () => {
  const steps = [
    step(0, 6, 2, [event('PaymentCompleted', { kind: 'payment', ended: false })], [[1, 8]]),
    step(0, 5, 6, [event('PaymentInitiated', { legs: [] })]),
    step(1, 8, 1, [event('LegsPrepared', { legs: [] })], [[0, 5]]),
    step(1, 9, 0, [event('LegsPosted', { legs: [] })], [[0, 6]]),
  ]
  assert.deepEqual(positions(steps), ['0:5', '1:8', '0:6', '1:9'])
})

test('the end of many payments is the end of each', () => {
  const ended = { type: 'PaymentEnded', version: 1, data: { paymentIds: ['pay-0-4', paymentId] } }
  assert.equal(replayPayment(paymentId, [step(0, 9, 1, [ended])], undefined).state, 'ended')
  const other = { ...ended, data: { paymentIds: ['pay-0-4'] } }
  assert.equal(replayPayment(paymentId, [step(0, 9, 1, [other])], undefined).state, 'deciding')
})

test('a payment that was opened again is under way until it has ended once more', () => {
  const ended = { type: 'PaymentEnded', version: 1, data: { paymentIds: [paymentId] } }
  const completed = event('PaymentCompleted', { kind: 'payment', ended: false })
  const before = [step(0, 5, 1, [event('PaymentInitiated', { legs: [] })]), step(0, 6, 2, [completed])]
  const again = [
    ...before,
    step(0, 7, 3, [ended]),
    step(0, 8, 4, [event('PaymentReopened', { legs: [{}], outcome: 'completed' })]),
  ]
  const { state, items } = replayPayment(paymentId, again.toReversed(), undefined)
  assert.deepEqual([state, items.at(-1)?.event, items.at(-1)?.legs], ['posting', 'PaymentReopened', []])
  const over = [
    ...again,
    step(1, 50, 5, [event('LegsPosted', { legs: [], forced: true })], [[0, 8]]),
    step(0, 9, 6, [ended]),
  ]
  assert.equal(replayPayment(paymentId, over.toReversed(), undefined).state, 'ended')
})

test('one whose beginning is gone is over once all who took part have let it be', () => {
  const posted = step(1, 3, 1, [event('LegsPosted', { legs: [] })], [[0, 5]])
  const promised = step(2, 3, 1, [event('LegsPrepared', { legs: [] })], [[0, 5]])
  const written = step(1, 4, 2, [event('LegsWrittenOff', { legs: [] })], [[0, 50]])
  const released = step(2, 4, 2, [event('LegsReleased', { legs: [], code: 'history_lost' })], [[0, 50]])
  const stateOf = (...steps: SteppedCommit[]) => replayPayment(paymentId, steps, undefined).state
  assert.equal(stateOf(posted, promised, written), 'deciding')
  assert.equal(stateOf(posted, promised, written, released), 'ended')
})
