import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { BankStatementRow } from '@micropay/projections/reconciliation/tables'
import { statementsBehind } from './reconcile.ts'

const statement = (id: string, from: string, ...valueDays: string[]): BankStatementRow => ({
  ...{ account_id: 'bank', statement_id: id, partition: 0, seq: 1n, tenant: 'acme', iban: 'NL1', currency: 'EUR' },
  ...{ from_day: from, to_day: from, opening_minor: 0n, closing_minor: 0n, line_count: valueDays.length },
  lines: valueDays.map((valueOn) => ({ amount: '1', bookedOn: from, valueOn, references: [] })),
  ...{ decided_at: new Date(0), actor: 'fiona' },
})

test('a statement is matched only when every entry that may belong to it is known', () => {
  const known = statementsBehind(
    [
      statement('early', '2026-03-05'),
      statement('late', '2026-03-06'),
      statement('valued early', '2026-03-06', '2026-03-05'),
    ],
    '2026-03-02',
  )
  assert.deepEqual(
    known.map((each) => each.statement_id),
    ['late'],
  )
})
