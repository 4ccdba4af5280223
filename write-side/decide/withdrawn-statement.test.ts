import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AccountId, OwnerId, paymentIdAt } from '@micropay/schemas/identifiers'
import type { LedgerEvent } from '@micropay/schemas/log/event'
import { broughtCommand, EVENT_GENERATION } from '@micropay/schemas/log/generations'
import { type StatementImportedV1, type StatementPart, statementFromV1 } from '@micropay/schemas/log/statement-shapes'
import { accountKey, accounts, putAccount } from './account.ts'
import type { AccountState } from './account-state.ts'
import { decide, generationOf, type LedgerCommand } from './decide.ts'
import { evolve } from './evolve.ts'
import { ledgerWith } from './ledger.fixture.ts'
import type { DecisionFacts } from './ledger.ts'
import { overlayOn } from './overlay.ts'

const ing = AccountId.parse('bank:ing')
const abn = AccountId.parse('bank:abn')
const account = (accountId: AccountId, more: Partial<AccountState> = {}): AccountState => ({
  ...{ accountId, tenant: 'main', type: 'external', currency: 'EUR', owner: OwnerId.parse('house') },
  ...{ overdraftLimit: 'unlimited', status: 'open', balanceMinor: 0n },
  ...more,
})
const statement: StatementImportedV1 = {
  ...{ accountId: ing, statementId: 'day-1', iban: 'NL08INGB0000001234', currency: 'EUR' },
  ...{ from: '2026-03-01', to: '2026-03-01', opening: '1000', closing: '1300' },
  lines: [{ amount: '300', bookedOn: '2026-03-01', references: [] }],
}
const withdrawing = (more: Partial<Record<'accountId' | 'statementId' | 'position', string>> = {}): LedgerCommand => {
  const asked = { accountId: ing, statementId: 'day-1', position: '0:7', reason: 'of the other account', ...more }
  return { type: 'WithdrawStatement', data: { ...asked, accountId: AccountId.parse(asked.accountId) } }
}

/** A ledger whose next sequence is 7, in which one person is enough, unless `people` says two. */
function book({ people = 1, states = [account(ing), account(abn)] } = {}) {
  const ledger = overlayOn(ledgerWith(...states.map(putAccount)))
  let seq = 5
  const give = (command: LedgerCommand, more: Partial<DecisionFacts> = {}) => {
    const facts = {
      ...{ tenant: 'main', subject: 'finance:fiona', mayBook: false, mayApprove: true, generation: EVENT_GENERATION },
      ...{ decidedAt: '2026-03-02T09:30:00.000Z', paymentId: paymentIdAt(0, seq + 1), ...more },
    }
    const decision = decide(command, ledger, facts)
    seq += 1
    if (decision.kind === 'rejected') return { ...decision, events: [] }
    const actor = { subject: facts.subject, client: 'test' }
    const commit = { tenant: facts.tenant, seq, actor, partition: 0, hash: '' }
    for (const event of decision.events) ledger.put(evolve(event, ledger, commit))
    return { code: undefined, detail: undefined, events: decision.events }
  }
  const policy = { command: 'WithdrawStatement' as const, people: people === 1 ? (1 as const) : (2 as const) }
  give({ type: 'SetPolicy', data: policy })
  const importing = (change: Partial<StatementImportedV1> = {}, more: Partial<DecisionFacts> = {}) =>
    give({ type: 'ImportStatement', data: statementFromV1({ ...statement, ...change }) }, more)
  return { give, importing, ibanOf: (id: AccountId) => ledger.read(accounts, accountKey('main', id))?.iban }
}
const types = ({ events }: { readonly events: readonly LedgerEvent[] }) => events.map(({ type }) => type)

test('what was withdrawn is imported for the right account, or again for the same one', () => {
  for (const accountId of [abn, ing]) {
    const { give, importing, ibanOf } = book()
    assert.equal(importing().code, undefined)
    assert.equal(
      importing({ accountId }).code,
      accountId === ing ? 'statement_already_imported' : 'statement_wrong_account',
    )
    assert.deepEqual(types(give(withdrawing())), ['StatementWithdrawn'])
    assert.equal(ibanOf(ing), undefined)
    assert.equal(importing({ accountId }).code, undefined)
    assert.equal(ibanOf(accountId), statement.iban)
    assert.equal(importing({ accountId }).code, 'statement_already_imported')
  }
})

test('the bank account stays with its account as long as one of its statements stands', () => {
  const { give, importing, ibanOf } = book()
  importing()
  importing({ statementId: 'day-2', from: '2026-03-02', to: '2026-03-02' })
  assert.equal(give(withdrawing()).code, undefined)
  assert.equal(ibanOf(ing), statement.iban)
  assert.equal(importing({ accountId: abn }).code, 'statement_wrong_account')
  assert.equal(importing({ iban: 'DE89370400440532013000' }).code, 'statement_wrong_account')
  assert.equal(give(withdrawing({ statementId: 'day-2', position: '0:8' })).code, undefined)
  assert.equal(importing({ iban: 'DE89370400440532013000' }).code, undefined)
  assert.equal(importing({ accountId: abn }).code, undefined)
})

test('of several statements of one id, the one that is named is withdrawn', () => {
  const { give, importing } = book()
  const second = { from: '2026-03-02', to: '2026-03-02' }
  importing()
  importing(second)
  assert.equal(give(withdrawing({ position: '0:8' })).code, undefined)
  assert.equal(importing().code, 'statement_already_imported')
  assert.equal(importing(second).code, undefined)
  assert.equal(give(withdrawing({ position: '0:8' })).code, 'statement_withdrawn')
})

test('it is withdrawn once; what was never imported there is not found', () => {
  const { give, importing } = book({
    states: [account(ing), account(abn), account(AccountId.parse('x'), { tenant: 'y' })],
  })
  importing()
  for (const [other, code] of [
    [{ statementId: 'day-2' }, 'statement_not_found'],
    [{ accountId: 'bank:abn' }, 'statement_not_found'],
    [{ position: '0:8' }, 'statement_not_found'],
    [{ position: '1:7' }, 'statement_not_found'],
    [{ accountId: 'nobody' }, 'account_not_found'],
    [{ accountId: 'x' }, 'account_not_found'],
  ] as const) {
    assert.equal(give(withdrawing(other)).code, code, JSON.stringify(other))
  }
  assert.equal(give(withdrawing(), { tenant: 'y' }).code, 'account_not_found')
  assert.equal(give(withdrawing()).code, undefined)
  const { code, detail } = give(withdrawing())
  assert.deepEqual(
    [code, detail],
    ['statement_withdrawn', 'the statement day-1 of bank:ing was withdrawn before, at 0:15'],
  )
})

test('a statement of which some parts are there is none yet', () => {
  const { give } = book()
  const said = { form: 'plain' as const, data: { lines: [{ references: {} }] } }
  const lines = [{ amount: '300', bookedOn: '2026-03-01' }]
  const part: StatementPart = {
    ...{ accountId: ing, statementId: 'day-1', importId: 'i-1', part: 1, of: 2, lines, personal: said },
  }
  assert.deepEqual(types(give({ type: 'KeepStatementPart', data: part })), ['StatementPart'])
  assert.equal(give(withdrawing()).code, 'statement_not_found')
})

test('it needs a second person unless a policy says otherwise, and does nothing until then', () => {
  const { give, importing } = book({ people: 2 })
  importing()
  const [event] = give(withdrawing()).events
  assert.ok(event?.type === 'CommandProposed')
  assert.equal(importing().code, 'statement_already_imported')
  const approval = { proposalId: event.data.proposalId, hash: event.data.command.hash }
  const approve: LedgerCommand = { type: 'ApproveCommand', data: approval }
  assert.equal(give(approve).code, 'approval_by_maker')
  const frank = { subject: 'finance:frank' }
  assert.deepEqual(types(give(approve, frank)), ['CommandApproved', 'StatementWithdrawn'])
  assert.equal(importing().code, undefined)
})

test('two who ask for the same withdrawal have one effect', () => {
  const { give, importing } = book({ people: 2 })
  importing()
  const approvals = [give(withdrawing()), give(withdrawing())].map(({ events: [event] }): LedgerCommand => {
    assert.ok(event?.type === 'CommandProposed')
    return { type: 'ApproveCommand', data: { proposalId: event.data.proposalId, hash: event.data.command.hash } }
  })
  const frank = { subject: 'finance:frank' }
  assert.deepEqual(
    approvals.map((approve) => give(approve, frank).code),
    [undefined, 'statement_withdrawn'],
  )
})

test('of two that an earlier generation took of one content, the other one still stands', () => {
  for (const [first, second] of [
    ['0:7', '0:8'],
    ['0:8', '0:7'],
  ] as const) {
    const { give, importing } = book()
    importing({}, { generation: 1 })
    assert.equal(importing({ statementId: 'day-1b' }, { generation: 1 }).code, undefined)
    const idAt = (position: string) => (position === '0:7' ? 'day-1' : 'day-1b')
    assert.equal(give(withdrawing({ position: first, statementId: idAt(first) })).code, undefined)
    assert.equal(importing().code, 'statement_already_imported')
    assert.equal(give(withdrawing({ position: second, statementId: idAt(second) })).code, undefined)
    assert.equal(importing().code, undefined)
  }
})

test('a ledger of the generation before has no words for it', () => {
  assert.equal(generationOf(withdrawing()), broughtCommand('WithdrawStatement'))
  assert.ok(broughtCommand('WithdrawStatement') > broughtCommand('ReopenPeriod'))
})
