import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MAX_PAYEES, PayeeAlias } from '@micropay/schemas/api/payee'
import { AccountId, OwnerId, paymentIdAt } from '@micropay/schemas/identifiers'
import { EVENT_GENERATION } from '@micropay/schemas/log/generations'
import { putAccount } from './account.ts'
import type { AccountState } from './account-state.ts'
import { decide, type LedgerCommand } from './decide.ts'
import { ledgerAfter, ledgerWith } from './ledger.fixture.ts'
import { type Decision, put } from './ledger.ts'
import { payees as payeesTable, type SavedPayee } from './payee.ts'

const ada = OwnerId.parse('customer:ada')
const ben = AccountId.parse('ben:main')
const ofAda = { tenant: 'main', owner: ada }

test('an account is saved under a name, and the name is free again once it is removed', () => {
  const saved = decideOn(save('Ben'), [])
  assert.equal(outcome(saved), 'PayeeSaved')
  const payees = apply(saved, [])
  assert.deepEqual(payees, [{ alias: 'Ben', accountId: ben }])
  const removed = decideOn(remove('BEN'), payees)
  assert.deepEqual(removed.kind === 'accepted' && removed.events[0]?.data, {
    owner: ada,
    alias: 'Ben',
    accountId: ben,
  })
  assert.deepEqual(apply(removed, payees), [])
})

test('a name is taken once, whatever its case and however its accents are encoded', () => {
  const payees = apply(decideOn(save('Zoë'), []), [])
  assert.equal(outcome(decideOn(save('ZOE\u0308'), payees)), 'payee_exists')
  assert.equal(outcome(decideOn(save('Zoe'), payees)), 'PayeeSaved')
})

test('what nobody could pay cannot be saved, and what was not saved not removed', () => {
  for (const of of [
    ...[{ accountId: AccountId.parse('other') }, { tenant: 'other' }, { status: 'closed' as const }],
    { status: 'frozen' as const, frozen: 'all' as const },
  ]) {
    assert.equal(outcome(decideOn(save('Ben'), [], of)), 'payee_not_payable')
  }
  assert.equal(outcome(decideOn(remove('Ben'), [])), 'payee_not_found')
})

test('one person saves 200 payees, and no 201st', () => {
  const payees = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ alias: `p${index}`, accountId: ben }))
  assert.equal(outcome(decideOn(save('Ben'), payees(MAX_PAYEES - 1))), 'PayeeSaved')
  assert.equal(outcome(decideOn(save('Ben'), payees(MAX_PAYEES))), 'too_many_payees')
})

test('a name may be of any script, and holds nothing that a path or a file would stumble over', () => {
  for (const good of ['Ben', 'Zoë', '李雷', 'Rent 2', "O'Neil & Sons", '7-Eleven'])
    assert.ok(PayeeAlias.safeParse(good).success, good)
  for (const bad of ['', ' ', '=1', 'a/b', 'a%b', 'a\u0000', '../x', '<b>', 'x'.repeat(41), 'a\nb'])
    assert.equal(PayeeAlias.safeParse(bad).success, false, JSON.stringify(bad))
})

function save(alias: string): LedgerCommand {
  return { type: 'SavePayee', data: { owner: ada, alias, accountId: ben } }
}

function remove(alias: string): LedgerCommand {
  return { type: 'RemovePayee', data: { owner: ada, alias } }
}

function decideOn(command: LedgerCommand, payees: readonly SavedPayee[], of: Partial<AccountState> = {}): Decision {
  const account: AccountState = {
    ...{ accountId: ben, tenant: 'main', type: 'customer', currency: 'EUR', owner: OwnerId.parse('customer:ben') },
    ...{ overdraftLimit: '0', status: 'open', balanceMinor: 0n },
    ...of,
  }
  const ledger = ledgerWith(putAccount(account), put(payeesTable, ofAda, payees))
  const facts = { tenant: 'main', subject: ada, mayBook: false, decidedAt: '2026-03-01T09:30:00.000Z' }
  return decide(command, ledger, { ...facts, paymentId: paymentIdAt(0, 1), generation: EVENT_GENERATION })
}

function apply(decision: Decision, payees: readonly SavedPayee[]): readonly SavedPayee[] {
  const [event] = decision.kind === 'accepted' ? decision.events : []
  assert.ok(event)
  return ledgerAfter(event, ledgerWith(put(payeesTable, ofAda, payees))).read(payeesTable, ofAda) ?? []
}

function outcome(decision: Decision): string | undefined {
  return decision.kind === 'rejected' ? decision.code : decision.events[0]?.type
}
