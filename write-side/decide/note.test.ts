import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MAX_NOTES } from '@micropay/schemas/api/note'
import { AccountId, OwnerId, paymentIdAt } from '@micropay/schemas/identifiers'
import { putAccount } from './account.ts'
import { decide } from './decide.ts'
import { ledgerAfter, ledgerWith } from './ledger.fixture.ts'
import { type LedgerView, put } from './ledger.ts'
import { notes } from './note.ts'

const ada = AccountId.parse('ada')

test('each note counts, and the eleventh is refused', () => {
  assert.equal(outcome(holding(MAX_NOTES - 1)), 'NoteWritten')
  assert.equal(outcome(holding(MAX_NOTES)), 'too_many_notes')
  const written = { type: 'NoteWritten', version: 1, data: { accountId: ada, text: 'hello' } } as const
  assert.equal(ledgerAfter(written, ledgerWith()).read(notes, ada), 1)
  assert.equal(ledgerAfter(written, holding(1)).read(notes, ada), 2)
})

test('what is unknown or of another tenant has no notes', () => {
  assert.equal(outcome(ledgerWith()), 'account_not_found')
  assert.equal(outcome(holding(0), 'other'), 'account_not_found')
})

function holding(count: number): LedgerView {
  const account = { accountId: ada, tenant: 'main', type: 'customer', currency: 'EUR' } as const
  const rest = { owner: OwnerId.parse('customer:ada'), overdraftLimit: '0', status: 'open', balanceMinor: 0n } as const
  return ledgerWith(putAccount({ ...account, ...rest }), put(notes, ada, count))
}

function outcome(ledger: LedgerView, tenant = 'main'): string | undefined {
  const facts = { tenant, subject: 'operator:olga', mayBook: false, decidedAt: '2026-03-01T09:30:00.000Z' }
  const command = { type: 'WriteNote', data: { accountId: ada, text: 'hello' } } as const
  const decision = decide(command, ledger, { ...facts, paymentId: paymentIdAt(0, 1) })
  return decision.kind === 'rejected' ? decision.code : decision.events[0]?.type
}
