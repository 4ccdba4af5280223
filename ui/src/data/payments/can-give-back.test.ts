import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PaymentWithRefunds } from '@micropay/schemas/api/payment'
import { canGiveBack } from './can-give-back.ts'

const left = (...amounts: string[]) => ({
  refundable: PaymentWithRefunds.shape.refundable.parse(
    amounts.map((amount, at) => ({ account: `a:${at}`, amount, currency: 'EUR' })),
  ),
})

test('who was paid may give it back, and staff, who see both sides; who paid may not', () => {
  assert.equal(canGiveBack(left('500')), true)
  assert.equal(canGiveBack(left('-500', '500')), true)
  assert.equal(canGiveBack(left('-500')), false)
  assert.equal(canGiveBack(left()), false)
})
