import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ReconciliationItem } from '@micropay/schemas/api/reconciliation'
import { AccountId } from '@micropay/schemas/identifiers'
import { freedBy } from './freed-by.ts'

const entry: ReconciliationItem['entries'][number] = {
  ...{ position: '0:1', index: 0, paymentId: 'pay-0-1', counterparty: null, amount: '1', currency: 'EUR' },
  ...{ effectiveAt: '2026-03-02T12:00:00.000Z', decidedAt: '2026-03-02T12:00:00.000Z' },
  ...{ reference: null, description: null },
}
const item = (kind: ReconciliationItem['kind'], entries: number): ReconciliationItem => ({
  ...{ kind, matchedBy: null, lineNumber: 1, detailNumber: null, line: null, bankAmount: null, repeats: null },
  ...{ entry: null, entries: Array.from({ length: entries }, () => entry) },
})
const statement = {
  ...{ accountId: AccountId.parse('bank:ing'), iban: 'NL08INGB0000001234', from: '2026-03-01', to: '2026-03-02' },
  items: [item('matched', 2), item('matched', 1), item('missing_here', 0), item('missing_there', 1)],
}

test('what a withdrawal frees is told by entries, days, bank account and file', () => {
  assert.deepEqual(freedBy(statement, true), [
    '3 matched entries become open again, unless another statement has a line of that amount.',
    'No statement tells of 2026-03-01 to 2026-03-02 then, unless another one of bank:ing does.',
    'No other statement of bank:ing stands, so NL08INGB0000001234 can be that of another account.',
    'The file can be imported again, for this account or for another one.',
  ])
})

test('nothing is said of the bank account where others stand, or where that is not known', () => {
  for (const isLast of [false, undefined]) assert.equal(freedBy(statement, isLast).length, 3)
  const [entries, days] = freedBy({ ...statement, to: statement.from, items: [item('matched', 1)] }, false)
  assert.equal(entries, '1 matched entry becomes open again, unless another statement has a line of that amount.')
  assert.match(days ?? '', /^No statement tells of 2026-03-01 then/)
  assert.equal(freedBy({ ...statement, items: [] }, false)[0], 'No entry is matched with it.')
})
