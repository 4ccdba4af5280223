import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OpenAccount } from '@micropay/schemas/api/account'
import { AccountId, OwnerId, paymentIdAt } from '@micropay/schemas/identifiers'
import { broughtRule, EVENT_GENERATION } from '@micropay/schemas/log/generations'
import { accountKey, accounts, putAccount } from './account.ts'
import type { AccountState } from './account-state.ts'
import { decide, type LedgerCommand } from './decide.ts'
import { evolve } from './evolve.ts'
import { ledgerAfter, ledgerWith } from './ledger.fixture.ts'
import type { Decision, DecisionFacts, LedgerView } from './ledger.ts'
import { emptyLedger } from './overlay.ts'

const ada = AccountId.parse('ada')
const key = accountKey('main', ada)

test('a customer may not go below zero unless a limit says so, and the house may', () => {
  assert.equal(opened({ type: 'customer' })?.overdraftLimit, '0')
  assert.equal(opened({ type: 'customer', overdraftLimit: '500' })?.overdraftLimit, '500')
  assert.equal(opened({ type: 'external' })?.overdraftLimit, 'unlimited')
  assert.equal(opened({ type: 'internal' })?.overdraftLimit, 'unlimited')
})

test('an id is taken once', () => {
  assert.equal(outcome(decideOn(open({}), holding(account('open')))), 'account_exists')
})

type Change = 'FreezeAccount' | 'UnfreezeAccount' | 'CloseAccount'
const changes: readonly [Change, AccountState['status'], bigint, string][] = [
  ['FreezeAccount', 'open', 0n, 'AccountFrozen'],
  ['FreezeAccount', 'frozen', 0n, 'account_frozen'],
  ['FreezeAccount', 'closed', 0n, 'account_closed'],
  ['UnfreezeAccount', 'frozen', 0n, 'AccountUnfrozen'],
  ['UnfreezeAccount', 'open', 0n, 'account_not_frozen'],
  ['UnfreezeAccount', 'closed', 0n, 'account_closed'],
  ['CloseAccount', 'open', 0n, 'AccountClosed'],
  ['CloseAccount', 'open', 1n, 'account_not_empty'],
  ['CloseAccount', 'open', -1n, 'account_not_empty'],
  ['CloseAccount', 'frozen', 0n, 'account_frozen'],
  ['CloseAccount', 'closed', 0n, 'account_closed'],
]
for (const [type, status, balanceMinor, expected] of changes) {
  test(`${type} of an account that is ${status} at ${balanceMinor}: ${expected}`, () => {
    assert.equal(outcome(decideOn(change(type), holding({ ...account(status), balanceMinor }))), expected)
  })
}

test("another tenant's account does not exist", () => {
  assert.equal(
    outcome(decideOn(change('FreezeAccount'), holding({ ...account('open'), tenant: 'other' }))),
    'account_not_found',
  )
})

test('every status follows its event, and a freeze says what it stops', () => {
  const frozen = (direction: 'all' | 'outgoing', before: LedgerView) =>
    ledgerAfter({ type: 'AccountFrozen', version: 2, data: { accountId: ada, direction } }, before)
  const standing = (ledger: LedgerView) => {
    const state = ledger.read(accounts, key)
    return [state?.status, state?.frozen]
  }
  const outgoing = frozen('outgoing', holding(account('open')))
  assert.deepEqual(standing(outgoing), ['frozen', 'outgoing'])
  assert.deepEqual(standing(frozen('all', outgoing)), ['frozen', 'all'])
  const unfrozen = ledgerAfter({ type: 'AccountUnfrozen', version: 2, data: { accountId: ada } }, outgoing)
  assert.deepEqual(standing(unfrozen), ['open', undefined])
  const closed = ledgerAfter({ type: 'AccountClosed', version: 2, data: { accountId: ada } }, unfrozen)
  assert.deepEqual(standing(closed), ['closed', undefined])
})

test('freezing an account the other way changes which movements it stops, and the same way is refused', () => {
  const freeze = (direction?: 'all' | 'outgoing') =>
    ({ type: 'FreezeAccount', data: { accountId: ada, direction } }) as const
  const eventOn = (before: 'all' | 'outgoing' | undefined, direction?: 'all' | 'outgoing') => {
    const state = before ? { ...account('frozen'), frozen: before } : account('open')
    const decision = decideOn(freeze(direction), holding(state))
    return decision.kind === 'accepted' ? decision.events[0]?.data : decision.code
  }
  assert.deepEqual(eventOn(undefined), { accountId: ada, direction: 'all' })
  assert.deepEqual(eventOn(undefined, 'outgoing'), { accountId: ada, direction: 'outgoing' })
  assert.deepEqual(eventOn('all', 'outgoing'), { accountId: ada, direction: 'outgoing' })
  assert.deepEqual(eventOn('outgoing'), { accountId: ada, direction: 'all' })
  assert.equal(eventOn('all'), 'account_frozen')
  assert.equal(eventOn('outgoing', 'outgoing'), 'account_frozen')
})

test('the texts of an opening and of a change stand apart, with the owner whom they are about', () => {
  const personal = opened({ name: 'Ada', ownerReference: 'C-17', openedOn: '2019-04-01' })
  assert.deepEqual(personal?.personal, {
    ...{ subject: 'customer:ada', form: 'plain', data: { name: 'Ada', ownerReference: 'C-17' } },
  })
  assert.equal(personal?.openedOn, '2019-04-01')
  assert.equal(opened({})?.personal, undefined)
  const frozen = decideOn(
    { type: 'FreezeAccount', data: { accountId: ada, reason: 'card lost' } },
    holding(account('open')),
  )
  const event = frozen.kind === 'accepted' ? frozen.events[0] : undefined
  const about = { subject: 'customer:ada', form: 'plain', data: { reason: 'card lost' } }
  assert.deepEqual(event?.data, { accountId: ada, direction: 'all', personal: about })
})

test('an event about an account that was never opened is a bug, and stops', () => {
  assert.throws(
    () =>
      evolve({ type: 'AccountFrozen', version: 2, data: { accountId: ada, direction: 'all' } }, emptyLedger, {
        tenant: 'main',
        seq: 1,
        actor: { subject: 'operator:olga', client: 'test' },
        ...{ partition: 0, hash: '' },
      }),
    /never opened/,
  )
})

function account(status: AccountState['status']): AccountState {
  const owner = OwnerId.parse('customer:ada')
  return {
    accountId: ada,
    tenant: 'main',
    type: 'customer',
    currency: 'EUR',
    owner,
    overdraftLimit: '0',
    status,
    ...(status === 'frozen' ? { frozen: 'all' } : {}),
    balanceMinor: 0n,
  }
}

function holding(state: AccountState): LedgerView {
  return ledgerWith(putAccount(state))
}

function open(fields: object): LedgerCommand {
  return {
    type: 'OpenAccount',
    data: {
      ...OpenAccount.parse({ type: 'customer', currency: 'EUR', owner: 'customer:ada', ...fields }),
      accountId: ada,
    },
  }
}

function change(type: Change): LedgerCommand {
  return { type, data: { accountId: ada } }
}

function decideOn(command: LedgerCommand, ledger: LedgerView, more: Partial<DecisionFacts> = {}): Decision {
  const facts = {
    tenant: 'main',
    subject: 'operator:olga',
    mayBook: true,
    decidedAt: '2026-03-01T09:30:00.000Z',
    paymentId: paymentIdAt(0, 1),
    generation: EVENT_GENERATION,
    ...more,
  }
  return decide(command, ledger, facts)
}

function outcome(decision: Decision): string | undefined {
  return decision.kind === 'rejected' ? decision.code : decision.events[0]?.type
}

function opened(fields: object) {
  const decision = decideOn(open(fields), emptyLedger)
  const [event] = decision.kind === 'accepted' ? decision.events : []
  return event?.type === 'AccountOpened' ? event.data : undefined
}

test('an account is opened today at the latest, in the zone of the ledger', () => {
  const opening = (openedOn: string, zone: string, generation = EVENT_GENERATION) => {
    const zoned = ledgerAfter({ type: 'LedgerZoneSet', version: 1, data: { zone } }, ledgerWith())
    const decision = decideOn(open({ openedOn }), zoned, { decidedAt: '2026-03-01T23:30:00.000Z', generation })
    return decision.kind === 'rejected' ? `${decision.code} ${decision.pointer}` : decision.events[0]?.type
  }
  assert.equal(opening('2026-03-01', 'UTC'), 'AccountOpened')
  assert.equal(opening('2026-03-02', 'UTC'), 'opening_in_future /openedOn')
  assert.equal(opening('2026-03-02', 'Europe/Amsterdam'), 'AccountOpened')
  assert.equal(opening('2999-12-31', 'UTC'), 'opening_in_future /openedOn')
  assert.equal(opening('2999-12-31', 'UTC', broughtRule('opening_in_future') - 1), 'AccountOpened')
})
