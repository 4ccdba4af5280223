import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AccountId, PaymentId } from '@micropay/schemas/identifiers'
import { CurrencyCode } from '@micropay/schemas/money'
import { refundedOf, refundWords } from './refunded.ts'

const EUR = CurrencyCode.parse('EUR')
const leg = (account: string, amount: string) => ({
  ...{ account: AccountId.parse(account), amount, currency: EUR, name: null },
})
const refund = {
  ...{ paymentId: PaymentId.parse('pay-0-2'), position: '0:2', whole: false, amounts: [] },
  decidedAt: '2026-01-01T00:00:00.000Z',
}
const legs = [leg('ada', '-1000'), leg('ben', '1000')]

test('what was given back is what the payment moved less what is left, whoever looks', () => {
  const seen = { currency: 'EUR', refundedMinor: '300', leftMinor: '700', movedMinor: '1000' }
  for (const refundable of [[leg('ada', '-700')], [leg('ben', '700')], [leg('ada', '-700'), leg('ben', '700')]]) {
    assert.deepEqual(refundedOf({ legs, refunds: [refund], refundable }), [seen])
  }
  assert.equal(refundedOf({ legs, refunds: [refund], refundable: [] })[0]?.refundedMinor, '1000')
  assert.deepEqual(refundedOf({ legs, refunds: [], refundable: [leg('ada', '-1000')] }), [])
})

test('a refund is called by the reference of what it gives back, or by its id', () => {
  assert.equal(refundWords({ reverses: 'pay-0-1', reference: 'INV-7' }), 'Refund of INV-7')
  assert.equal(refundWords({ reverses: 'pay-0-1', reference: null }), 'Refund of pay-0-1')
})
