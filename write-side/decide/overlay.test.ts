import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AccountId } from '@micropay/schemas/identifiers'
import { accountKey } from './account.ts'
import { type LedgerView, put } from './ledger.ts'
import { emptyLedger, overlayOn } from './overlay.ts'
import { statements } from './statement.ts'

const key = { account: accountKey('main', AccountId.parse('bank:ing')), statementId: 'day-1' }
const at = (seq: number) => [put(statements, key, seq)]
const read = (ledger: LedgerView) => ledger.read(statements, key)

test('what was put hides what lies below, and is put nowhere else', () => {
  const below = overlayOn(emptyLedger)
  below.put(at(1))
  const above = overlayOn(below)
  assert.equal(read(above), 1)
  above.put(at(2))
  assert.deepEqual([read(above), read(below), read(emptyLedger)], [2, 1, undefined])
})

test('what one gives away is seen again once the one below holds it', () => {
  const below = overlayOn(emptyLedger)
  const above = overlayOn(below)
  above.put(at(1))
  below.hold(above.take())
  assert.equal(read(above), 1)
  above.put(at(2))
  below.take()
  assert.deepEqual([read(above), read(below)], [2, undefined])
})
