import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AccountId, OwnerId, paymentIdAt } from '@micropay/schemas/identifiers'
import { EVENT_GENERATION } from '@micropay/schemas/log/generations'
import { accountKey, accounts, putAccount } from './account.ts'
import type { AccountState } from './account-state.ts'
import { decide, type LedgerCommand } from './decide.ts'
import { ledgerAfter, ledgerWith } from './ledger.fixture.ts'
import type { LedgerView } from './ledger.ts'

const ada = AccountId.parse('ada')
const plain: AccountState = {
  ...{ accountId: ada, tenant: 'main', type: 'customer', currency: 'EUR', owner: OwnerId.parse('customer:ada') },
  ...{ overdraftLimit: '0', status: 'open', balanceMinor: -300n },
}
const named: AccountState = { ...plain, name: 'Ada', ownerReference: 'C-17', path: 'liabilities/vip' }

type Details = Omit<Extract<LedgerCommand, { type: 'ChangeAccount' }>['data'], 'accountId'>
const change = (details: Details): LedgerCommand => ({ type: 'ChangeAccount', data: { accountId: ada, ...details } })
const flag = (value: boolean): LedgerCommand => ({
  ...{ type: 'SetAccountFlag', data: { accountId: ada, flag: 'receivesFromCustomers', value } },
})

function outcome(command: LedgerCommand, state: AccountState, tenant = 'main') {
  const facts = { tenant, subject: 'operator:olga', mayBook: true, decidedAt: '2026-03-01T09:30:00.000Z' }
  const before = ledgerWith(putAccount(state))
  const decision = decide(command, before, { ...facts, paymentId: paymentIdAt(0, 1), generation: EVENT_GENERATION })
  if (decision.kind === 'rejected') return decision.code
  const after = decision.events.reduce<LedgerView>((ledger, event) => ledgerAfter(event, ledger), before)
  return after.read(accounts, accountKey('main', ada))
}

test('what a change does not name stays as it was, and null takes it away', () => {
  assert.deepEqual(outcome(change({ name: 'Ada Byron' }), named), { ...named, name: 'Ada Byron' })
  assert.deepEqual(outcome(change({ ownerReference: 'C-18', path: 'a/b' }), plain), {
    ...{ ...plain, ownerReference: 'C-18', path: 'a/b' },
  })
  assert.deepEqual(outcome(change({ name: null, ownerReference: null, path: null }), named), plain)
  assert.deepEqual(outcome(change({ overdraftLimit: 'unlimited' }), named), { ...named, overdraftLimit: 'unlimited' })
})

test('a limit below what is used already is taken', () => {
  const used: AccountState = { ...plain, overdraftLimit: '500' }
  assert.deepEqual(outcome(change({ overdraftLimit: '299' }), used), { ...used, overdraftLimit: '299' })
})

test('the event names what was asked, and its texts stand apart', () => {
  const facts = { tenant: 'main', subject: 'operator:olga', mayBook: true, decidedAt: '2026-03-01T09:30:00.000Z' }
  const asked = change({ overdraftLimit: '5', name: null, ownerReference: 'C-18' })
  const decision = decide(asked, ledgerWith(putAccount(named)), {
    ...facts,
    paymentId: paymentIdAt(0, 1),
    generation: EVENT_GENERATION,
  })
  const personal = { subject: 'customer:ada', form: 'plain', data: { name: null, ownerReference: 'C-18' } }
  assert.deepEqual(decision.kind === 'accepted' && decision.events, [
    { type: 'AccountChanged', version: 1, data: { accountId: ada, overdraftLimit: '5', personal } },
  ])
})

test('a frozen account is changed, a closed one and that of another tenant are not', () => {
  for (const command of [change({ name: 'Ada' }), flag(true)]) {
    const house: AccountState = { ...plain, type: 'external' }
    assert.equal(typeof outcome(command, { ...house, status: 'frozen', frozen: 'all' }), 'object')
    assert.equal(outcome(command, { ...house, status: 'closed' }), 'account_closed')
    assert.equal(outcome(command, house, 'other'), 'account_not_found')
  }
})

test('the flag of an account of the house is set and taken back, and a customer has none', () => {
  const house: AccountState = { ...plain, type: 'internal' }
  const flagged: AccountState = { ...house, receivesFromCustomers: true }
  assert.deepEqual(outcome(flag(true), house), flagged)
  assert.deepEqual(outcome(flag(true), flagged), flagged)
  assert.deepEqual(outcome(flag(false), flagged), house)
  assert.equal(outcome(flag(true), plain), 'account_not_of_house')
})
