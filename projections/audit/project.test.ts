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

test('an approval that was refused for what it approves concerns whom that names, and else nobody', () => {
  const ledger = createLedger()
  ledger.claim()
  const request = { proposalId: 'prp-0-1', hash: 'h'.repeat(43) }
  const maker = { subject: 'customer:ada', client: 'tests' }
  const refused = (more: object) => ledger.refuse({ ...request, ...more }, { type: 'ApproveCommand' })
  const postings = [{ from: 'ada', to: 'bob', amount: '5', currency: 'EUR' }]
  assert.deepEqual(concernedBy(refused({ maker, command: { type: 'MakePayment', data: { postings } } })), ['ada'])
  assert.deepEqual(concernedBy(refused({ maker, command: { type: 'FreezeAccount', data: { accountId: 'bob' } } })), [
    'bob',
  ])
  assert.deepEqual(concernedBy(refused({})), [])
})
