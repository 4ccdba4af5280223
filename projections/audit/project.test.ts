import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NewRecord } from '@micropay/event-log/event-log'
import { createLedger } from '@micropay/event-log/ledger.fixture'
import { decodeRecord } from '@micropay/schemas/log/ledger-record'
import { concernedAccounts } from './project.ts'

function concernedBy({ value }: NewRecord): string[] {
  const record = decodeRecord(value)
  assert.equal(record.kind, 'commit')
  return record.kind === 'commit' ? [...concernedAccounts(record.commit)] : []
}

test('a payment concerns the account of each leg once, and a refused one those that were to pay', () => {
  const ledger = createLedger()
  ledger.claim()
  const posted = ledger.payLegs([
    ['ada', -5],
    ['bob', 3],
    ['bob', 2],
    ['eve', 0],
  ])
  assert.deepEqual(concernedBy(posted), ['ada', 'bob', 'eve'])
  const leg = (account: string, amount: string) => ({ account, amount, currency: 'EUR' })
  const refused = ledger.refuse({ legs: [leg('ada', '-5'), leg('bob', '5'), leg('eve', '0')] })
  assert.deepEqual(concernedBy(refused), ['ada', 'eve'])
})
