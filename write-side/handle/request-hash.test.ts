import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { MakePayment } from '@micropay/schemas/api/payment'
import { requestHashKey, requestHashOf } from './request-hash.ts'

const data = MakePayment.parse({ postings: [{ from: 'ada', to: 'ben', amount: '1', currency: 'EUR' }] })
const command = { type: 'MakePayment' as const, data }

for (const secret of ['a key', 'k'.repeat(64), 'k'.repeat(65)]) {
  test(`the request hash is HMAC-SHA-256, for a secret of ${secret.length} bytes`, () => {
    const hmac = createHmac('sha256', secret)
      .update(`MakePayment\n${JSON.stringify(data)}`)
      .digest('base64url')
    assert.equal(requestHashOf(command, requestHashKey(secret)), hmac.slice(0, 22))
  })
}
