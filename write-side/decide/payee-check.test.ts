import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MAX_PAYEE_CHECKS } from '@micropay/schemas/api/payee'
import { AccountId, OwnerId, paymentIdAt } from '@micropay/schemas/identifiers'
import { EVENT_GENERATION } from '@micropay/schemas/log/generations'
import { putAccount } from './account.ts'
import type { AccountState } from './account-state.ts'
import { answerTo, decide, keptOf, type LedgerCommand } from './decide.ts'
import { ledgerAfter, ledgerWith } from './ledger.fixture.ts'
import { type Decision, type DecisionFacts, type LedgerView, put } from './ledger.ts'
import { type ChecksOfDay, payeeChecks } from './payee-check.ts'

const ada = OwnerId.parse('customer:ada')
const ben = AccountId.parse('ben:main')
const ofAda = { tenant: 'main', owner: ada }
const now = '2026-03-01T23:30:00.000Z'
const today = '2026-03-01'

const asking = (name: string): LedgerCommand => ({ type: 'CheckPayee', data: { owner: ada, accountId: ben, name } })

test('what was asked and told is kept: the real name where it is nearly that, and only there', () => {
  for (const [name, outcome, shown] of [
    ['ben franklin', 'match', undefined],
    ['Ben Frenklin', 'close', 'Ben Franklin'],
    ['Ada Lovelace', 'none', undefined],
  ] as const) {
    const decision = decideOn(asking(name), ledgerOf())
    assert.ok(decision.kind === 'accepted')
    const personal = { subject: 'customer:ben', form: 'plain', data: { name, ...(shown ? { shown } : {}) } }
    const data = { owner: ada, accountId: ben, outcome, day: today, personal }
    assert.deepEqual(decision.events, [{ type: 'PayeeChecked', version: 1, data }])
    const actor = { subject: ada, client: 'test' }
    const commit = { tenant: 'main', seq: 1, actor, partition: 0, hash: '', events: [...decision.events] }
    const kept = keptOf({ ...commit, command: { type: 'CheckPayee' } }, ledgerOf(), ledgerOf())
    assert.deepEqual(answerTo(asking(name), { ...kept, decidedAt: now }, { partition: 0, seq: 1 }), {
      ...{ accountId: ben, outcome, ...(shown ? { name: shown } : {}), decidedAt: now },
    })
  }
})

test('an account without a name is held under none', () => {
  const { name: _, ...nameless } = account
  assert.equal(outcomeOf(decideOn(asking('Ben'), ledgerOf(nameless))), 'none')
})

test('what could not be paid is refused as a payment is, whatever the cause, and does not count', () => {
  const unpayable: readonly Partial<AccountState>[] = [
    ...[{ accountId: AccountId.parse('other') }, { tenant: 'other' }, { status: 'closed' as const }],
    ...[{ status: 'frozen' as const, frozen: 'all' as const }, { type: 'external' as const }],
    { type: 'internal' as const },
  ]
  const answers = unpayable.map((of) => decideOn(asking('Ben Franklin'), ledgerOf({ ...account, ...of })))
  const detail = 'ben:main cannot be paid: ask whom you want to pay which account they have'
  for (const decision of answers) {
    const { cause: _, ...told } = { cause: undefined, ...decision }
    assert.deepEqual(told, { kind: 'rejected', code: 'payee_not_payable', detail, pointer: '/accountId' })
  }
  const full = ledgerOf({ ...account, status: 'closed' }, { day: today, count: MAX_PAYEE_CHECKS })
  assert.equal(
    outcomeOf(decideOn(asking('Ben'), full)),
    'payee_not_payable',
    'nor is it said of whom one asks too often',
  )
  const outgoing = ledgerOf({ ...account, status: 'frozen', frozen: 'outgoing' })
  assert.equal(outcomeOf(decideOn(asking('Ben Franklin'), outgoing)), 'match', 'it can be paid')
  const flagged = ledgerOf({ ...account, type: 'internal', receivesFromCustomers: true })
  assert.equal(outcomeOf(decideOn(asking('Ben Franklin'), flagged)), 'match')
})

test('of an own account that is closed or frozen the cause is told', () => {
  const own = (of: Partial<AccountState>) => ledgerOf({ ...account, owner: ada, ...of })
  assert.equal(outcomeOf(decideOn(asking('Ben'), own({ status: 'closed' }))), 'account_closed')
  assert.equal(outcomeOf(decideOn(asking('Ben'), own({ status: 'frozen', frozen: 'all' }))), 'account_frozen')
})

test('one person asks twenty times in a day, and is told when they can again', () => {
  const asked = (count: number) => decideOn(asking('Ben Franklin'), ledgerOf(account, { day: today, count }))
  assert.equal(outcomeOf(asked(MAX_PAYEE_CHECKS - 1)), 'match')
  const refused = asked(MAX_PAYEE_CHECKS)
  assert.ok(refused.kind === 'rejected')
  assert.equal(refused.code, 'payee_checks_exceeded')
  assert.match(refused.detail, /20 names on 2026-03-01 in UTC, .*: you can again on 2026-03-02$/)
  const yesterday = ledgerOf(account, { day: '2026-02-28', count: MAX_PAYEE_CHECKS })
  assert.equal(outcomeOf(decideOn(asking('Ben Franklin'), yesterday)), 'match')
})

test('the day is one of the ledger’s zone', () => {
  const zoned = (zone: string, count: number) => {
    const event = { type: 'LedgerZoneSet', version: 1, data: { zone } } as const
    return ledgerAfter(event, ledgerOf(account, { day: today, count }))
  }
  assert.equal(outcomeOf(decideOn(asking('Ben Franklin'), zoned('Europe/Amsterdam', MAX_PAYEE_CHECKS))), 'match')
  const west = decideOn(asking('Ben Franklin'), zoned('America/New_York', MAX_PAYEE_CHECKS))
  assert.match(west.kind === 'rejected' ? west.detail : '', /in America\/New_York, .*again on 2026-03-02$/)
})

test('each check counts, each person and each day on their own', () => {
  const decision = decideOn(asking('Ben'), ledgerOf())
  const [event] = decision.kind === 'accepted' ? decision.events : []
  assert.ok(event)
  const after = (before: LedgerView) => ledgerAfter(event, before)
  const once = after(ledgerOf())
  assert.deepEqual(once.read(payeeChecks, ofAda), { day: today, count: 1 })
  assert.deepEqual(after(once).read(payeeChecks, ofAda), { day: today, count: 2 })
  assert.equal(once.read(payeeChecks, { tenant: 'main', owner: 'customer:eve' }), undefined)
  assert.equal(once.read(payeeChecks, { tenant: 'other', owner: ada }), undefined)
  const next = after(ledgerOf(account, { day: '2026-02-28', count: 7 }))
  assert.deepEqual(next.read(payeeChecks, ofAda), { day: today, count: 1 })
})

const account: AccountState = {
  ...{ accountId: ben, tenant: 'main', type: 'customer', currency: 'EUR', owner: OwnerId.parse('customer:ben') },
  ...{ name: 'Ben Franklin', overdraftLimit: '0', status: 'open', balanceMinor: 0n },
}

function ledgerOf(of: AccountState = account, checks?: ChecksOfDay): LedgerView {
  return ledgerWith(putAccount(of), ...(checks ? [put(payeeChecks, ofAda, checks)] : []))
}

function decideOn(command: LedgerCommand, ledger: LedgerView): Decision {
  const facts: DecisionFacts = { tenant: 'main', subject: ada, mayBook: false, decidedAt: now, ...known }
  return decide(command, ledger, facts)
}

const known = { paymentId: paymentIdAt(0, 1), generation: EVENT_GENERATION }

function outcomeOf(decision: Decision): string | undefined {
  if (decision.kind === 'rejected') return decision.code
  const [event] = decision.events
  return event?.type === 'PayeeChecked' ? event.data.outcome : event?.type
}
