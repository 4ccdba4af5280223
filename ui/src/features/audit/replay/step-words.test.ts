import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ReplayStep } from '@micropay/schemas/api/replay'
import { stepWords } from './step-words.ts'

const step = (amount: string | null, counterparty: string | null) =>
  ReplayStep.parse({
    ...{ step: 2, position: '0:3', event: 'PaymentPosted', decidedAt: '2026-03-01T09:00:00.000Z', effectiveAt: null },
    ...{
      paymentId: 'pay-0-3',
      counterparty,
      amount,
      promised: null,
      balanceAfter: '0',
      currency: 'EUR',
      status: 'open',
    },
    ...{ refusal: null, actor: 'customer:ada', client: 'tests', approvedBy: null, reference: null, hash: 'x' },
  })

test('a payment says the one account on the other side, that there are several, or that it moved nothing', () => {
  assert.equal(stepWords(step('-5', 'ben:main')), 'Payment to ben:main')
  assert.equal(stepWords(step('5', 'ben:main')), 'Payment from ben:main')
  assert.equal(stepWords(step('-5', null)), 'Payment to several accounts')
  assert.equal(stepWords(step('5', null)), 'Payment from several accounts')
  assert.equal(stepWords(step('0', null)), 'Payment that moved nothing here')
})
