import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AccountId, PaymentId } from '@micropay/schemas/identifiers'
import { CurrencyCode } from '@micropay/schemas/money'
import { nothingYet, readRefund } from './refund-draft.ts'

const left = (account: string, amount: string) => ({
  ...{ account: AccountId.parse(account), amount, currency: CurrencyCode.parse('EUR') },
})
const paymentId = PaymentId.parse('pay-0-4')
const two = { paymentId, refundable: [left('ada', '-700'), left('ben', '700')] }
const split = { paymentId, refundable: [left('ada', '-700'), left('ben', '300'), left('fees', '400')] }
const because = { ...nothingYet, reason: ' Broken ' }
const errorsIn = (...args: Parameters<typeof readRefund>) => {
  const read = readRefund(...args)
  return read.kind === 'incomplete' ? read.errors : read.request
}

test('all that is left needs a reason, and nothing else', () => {
  assert.deepEqual(errorsIn(because, two, 'en'), { paymentId, reason: 'Broken' })
  assert.deepEqual(Object.keys(errorsIn(nothingYet, two, 'en')), ['reason'])
})

test('a part between two accounts is one amount, however much is left', () => {
  const part = { ...because, share: 'part' } as const
  assert.deepEqual(errorsIn({ ...part, amount: '9.00' }, two, 'en'), { paymentId, reason: 'Broken', amount: '900' })
  assert.match(JSON.stringify(errorsIn(part, two, 'en')), /how much to give back/)
  assert.match(JSON.stringify(errorsIn({ ...part, amount: '0' }, two, 'en')), /more than zero/)
})

test('a part of many accounts moves each the other way, and those left empty not at all', () => {
  const part = { ...because, share: 'part' } as const
  assert.deepEqual(errorsIn({ ...part, amounts: { ben: '1', ada: '1' } }, split, 'en'), {
    ...{ paymentId, reason: 'Broken' },
    legs: [
      { account: 'ada', currency: 'EUR', amount: '100' },
      { account: 'ben', currency: 'EUR', amount: '-100' },
    ],
  })
  assert.match(JSON.stringify(errorsIn(part, split, 'en')), /where from/)
  assert.match(JSON.stringify(errorsIn({ ...part, amounts: { ben: 'x' } }, split, 'en')), /"ben":"Type an amount/)
})
