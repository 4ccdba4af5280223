import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Entry } from '@micropay/schemas/account'
import { filterEntries } from './filter-entries.ts'

const entry = (index: number, amount: string, counterpartyName: string | null, reference: string | null) =>
  Entry.parse({
    position: '0:1',
    index,
    paymentId: 'pay-0-1',
    kind: 'payment',
    counterparty: 'shop:groceries',
    counterpartyName,
    amount,
    currency: 'EUR',
    balanceAfter: '0',
    effectiveAt: '2026-01-01T00:00:00.000Z',
    decidedAt: '2026-01-01T00:00:00.000Z',
    reference,
    description: null,
  })

const entries = [entry(0, '-100', 'Corner Groceries', null), entry(1, '250', null, 'Refund')]
const found = (filter: Parameters<typeof filterEntries>[1]) => filterEntries(entries, filter).map((each) => each.index)

test('text is found in names, references and ids, whatever its case', () => {
  assert.deepEqual(found({ text: 'CORNER' }), [0])
  assert.deepEqual(found({ text: 'refund' }), [1])
  assert.deepEqual(found({ text: 'shop:' }), [0, 1])
  assert.deepEqual(found({ text: 'nothing like it' }), [])
})

test('direction goes by the sign, and both filters hold together', () => {
  assert.deepEqual(found({ direction: 'out' }), [0])
  assert.deepEqual(found({ direction: 'in' }), [1])
  assert.deepEqual(found({ direction: 'in', text: 'corner' }), [])
  assert.deepEqual(found({}), [0, 1])
})
