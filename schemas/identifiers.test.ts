import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canonicalPaymentId, PaymentId, PeriodId, PolicyId, ProposalId } from './identifiers.ts'
import { StoredPaymentId } from './log/stored-fields.ts'
import { onePosition } from './position.ts'

const spellings = [
  '0-0274',
  '00-274',
  '0-00',
  '01-1',
  '100000-1',
  '0-1234567890123456',
  '-0',
  '0',
  '0-1 ',
  ' 0-1',
  '0-1-',
]

test('an id that is made of a position has one spelling', () => {
  const ids = { pay: PaymentId, prp: ProposalId, prd: PeriodId, pol: PolicyId }
  for (const [kind, id] of Object.entries(ids)) {
    for (const place of ['0-1', '0-274', '1023-999999999999999', '0-0']) {
      assert.equal(id.safeParse(`${kind}-${place}`).data, `${kind}-${place}`)
    }
    for (const place of spellings) assert.equal(id.safeParse(`${kind}-${place}`).success, false, place)
  }
})

test('so has a position', () => {
  assert.equal(onePosition.parse('0:274'), '0:274')
  for (const place of spellings) assert.equal(onePosition.safeParse(place.replace('-', ':')).success, false, place)
})

test('whatever spelling a log holds, it is the same payment', () => {
  const canonical = ['pay-0-0274', 'pay-00-274', 'pay-0-274'].map((id) => canonicalPaymentId(StoredPaymentId.parse(id)))
  assert.deepEqual(new Set(canonical), new Set(['pay-0-274']))
})
