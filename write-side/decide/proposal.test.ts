import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { test } from 'node:test'
import { AccountId, OwnerId, type ProposalId, paymentIdAt, proposalIdAt } from '@micropay/schemas/identifiers'
import type { Commit } from '@micropay/schemas/log/commit'
import {
  broughtCommand,
  EVENT_GENERATION,
  OTHER_CURRENCIES_GENERATION,
  WHOLE_PROPOSALS_GENERATION,
} from '@micropay/schemas/log/generations'
import { changeOf } from '../state/partition-state.ts'
import { accountKey, accounts, putAccount } from './account.ts'
import type { AccountState } from './account-state.ts'
import { answerTo, decide, type LedgerCommand } from './decide.ts'
import { ledgerWith } from './ledger.fixture.ts'
import type { DecisionFacts, LedgerView } from './ledger.ts'
import { overlayOn } from './overlay.ts'

const ada = AccountId.parse('ada')
const account = (id: string, balanceMinor = 1_000n): AccountState => ({
  ...{ accountId: AccountId.parse(id), tenant: 'main', type: 'customer', currency: 'EUR', overdraftLimit: '0' },
  ...{ owner: OwnerId.parse(`customer:${id}`), status: 'open', balanceMinor },
})

/** A ledger that takes commands one after the other, as an owner would. */
function book(begin: LedgerView = ledgerWith(putAccount(account('ada')), putAccount(account('ben')))) {
  const ledger = overlayOn(begin)
  let seq = 6
  return {
    ledger,
    give(subject: string, command: LedgerCommand, more: Partial<DecisionFacts> = {}) {
      const rights = { mayBook: true, mayApprove: true, generation: EVENT_GENERATION, tenant: 'main' }
      const at = { decidedAt: '2026-07-02T09:30:00.000Z', paymentId: paymentIdAt(0, seq + 1) }
      const facts = { subject, ...rights, ...at, ...more }
      const decision = decide(command, ledger, facts)
      seq += 1
      if (decision.kind === 'rejected') {
        return { code: decision.code, detail: decision.detail, answer: undefined, events: [] }
      }
      const commit: Commit = {
        ...{ epoch: 1, seq, previousHash: '', decidedAt: facts.decidedAt, tenant: facts.tenant },
        ...{ actor: { subject, client: 'test' }, command: { type: command.type } },
        ...{ idempotencyKey: `k${seq}`, requestHash: 'h', outcome: { kind: 'accepted' }, events: [...decision.events] },
      }
      const change = changeOf(commit, ledger, { partition: 0, hash: '' })
      ledger.put(change.puts)
      assert(change.key)
      const answer = answerTo(command, change.key.entry, { partition: 0, seq })
      return { code: undefined, answer, events: decision.events.map(({ type }) => type) }
    },
    balanceOf: (id: string) => ledger.read(accounts, accountKey('main', AccountId.parse(id)))?.balanceMinor,
  }
}

const paying = (amount: string): LedgerCommand => ({
  type: 'MakePayment',
  data: { postings: [{ from: ada, to: AccountId.parse('ben'), amount, currency: 'EUR' }], reference: 'rent' },
})
const policy = (more: object = {}): LedgerCommand => ({
  type: 'SetPolicy',
  data: { command: 'MakePayment', people: 2, above: { amount: '100', currency: 'EUR' }, ...more },
})

function proposed(books: ReturnType<typeof book>, amount = '500') {
  books.give('operator:olga', policy())
  const { answer } = books.give('operator:olga', paying(amount))
  assert.ok(answer && 'proposalId' in answer && answer.proposalId)
  return { proposalId: answer.proposalId, hash: answer.hash }
}
const approving = (data: { proposalId: ProposalId; hash: string }): LedgerCommand => ({ type: 'ApproveCommand', data })
const refusing = ({ proposalId }: { proposalId: ProposalId }): LedgerCommand => ({
  type: 'RefuseCommand',
  data: { proposalId, reason: 'not this one' },
})

test('a command that a policy names waits, and does nothing until a second person approves it', () => {
  const books = book()
  const proposal = proposed(books)
  assert.equal(books.balanceOf('ben'), 1_000n)
  const { events, answer } = books.give('operator:otto', approving(proposal))
  assert.deepEqual(events, ['CommandApproved', 'PaymentPosted'])
  assert.equal(books.balanceOf('ben'), 1_500n)
  assert.ok(answer && 'proposalId' in answer)
  const { paymentId, kind, reference } = answer.result ?? {}
  assert.deepEqual(
    [answer.status, answer.command, paymentId, kind, reference],
    ['approved', 'MakePayment', 'pay-0-9', 'payment', 'rent'],
  )
})

test('what a policy does not name needs one person, and a payment up to its amount as well', () => {
  const books = book()
  assert.deepEqual(books.give('operator:olga', paying('500')).events, ['PaymentPosted'])
  books.give('operator:olga', policy())
  assert.deepEqual(books.give('operator:olga', paying('100')).events, ['PaymentPosted'])
  assert.deepEqual(books.give('operator:olga', paying('101')).events, ['CommandProposed'])
  books.give('operator:olga', policy({ people: 1 }))
  assert.deepEqual(books.give('operator:olga', paying('101')).events, ['PaymentPosted'])
  assert.deepEqual(
    books.give('operator:olga', paying('101'), { generation: broughtCommand('ApproveCommand') - 1 }).events,
    ['PaymentPosted'],
  )
})

test('what moves in another currency than the amount of a policy needs two persons, how little it be', () => {
  const dollars = (id: string) => putAccount({ ...account(id), currency: 'USD' })
  const books = book(
    ledgerWith(...[putAccount(account('ada')), putAccount(account('ben')), dollars('eve'), dollars('flo')]),
  )
  const leg = (id: string, amount: string, currency: 'EUR' | 'USD') => ({
    account: AccountId.parse(id),
    amount,
    currency,
  })
  const among = (...legs: ReturnType<typeof leg>[]): LedgerCommand => ({ type: 'MakePayment', data: { legs } })
  const paidInDollars = among(leg('eve', '-1', 'USD'), leg('flo', '1', 'USD'))
  const paidInEuros = [leg('ada', '-100', 'EUR'), leg('ben', '100', 'EUR')]
  books.give('operator:olga', policy())
  assert.deepEqual(books.give('operator:olga', paidInDollars).events, ['CommandProposed'])
  assert.deepEqual(books.give('operator:olga', among(...paidInEuros, leg('eve', '0', 'USD'))).events, ['PaymentPosted'])
  const earlier = { generation: OTHER_CURRENCIES_GENERATION - 1 }
  assert.deepEqual(books.give('operator:olga', paidInDollars, earlier).events, ['PaymentPosted'])
})

test('a policy on the parts of a statement, which earlier code let in, holds for nothing from then on', () => {
  const bank: AccountState = { ...account('bank'), type: 'external' }
  const books = book(ledgerWith(putAccount(bank)))
  const personal = { form: 'plain' as const, data: { lines: [] } }
  const place = { accountId: bank.accountId, statementId: 's-1', importId: 'i-1', part: 1, of: 2 }
  const part: LedgerCommand = { type: 'KeepStatementPart', data: { ...place, lines: [], personal } }
  books.give('operator:olga', policy({ command: 'KeepStatementPart', above: undefined }))
  const earlier = { generation: WHOLE_PROPOSALS_GENERATION - 1 }
  assert.deepEqual(books.give('operator:olga', part, earlier).events, ['CommandProposed'])
  assert.deepEqual(books.give('operator:olga', part).events, ['StatementPart'])
})

test('a command that is refused anyway is never proposed', () => {
  const books = book()
  books.give('operator:olga', policy())
  assert.equal(books.give('operator:olga', paying('5000')).code, 'insufficient_funds')
})

test('the maker is never the checker, whatever the token', () => {
  const books = book()
  const proposal = proposed(books)
  assert.equal(books.give('operator:olga', approving(proposal)).code, 'approval_by_maker')
  assert.deepEqual(books.give('operator:otto', approving(proposal)).events.length, 2)
})

test('what is approved is what was looked at, once, in time, and of the own tenant', () => {
  const books = book()
  const proposal = proposed(books)
  const other = { ...proposal, hash: 'n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg' }
  assert.equal(books.give('operator:otto', approving(other)).code, 'proposal_changed')
  assert.equal(books.give('operator:otto', approving(proposal), { tenant: 'other' }).code, 'proposal_not_found')
  const last = { decidedAt: '2026-07-09T09:30:00.000Z' }
  assert.equal(
    books.give('operator:otto', approving(proposal), { decidedAt: '2026-07-09T09:30:00.001Z' }).code,
    'proposal_lapsed',
  )
  assert.equal(books.give('operator:otto', approving(proposal), last).events.length, 2)
  assert.equal(books.give('operator:otta', approving(proposal)).code, 'proposal_decided')
})

test('the hash is of what was asked, and not of the order in which it was written', () => {
  const hashOf = (data: object, more: Partial<DecisionFacts> = {}) => {
    const books = book()
    books.give('operator:olga', policy())
    const { answer } = books.give('operator:olga', { type: 'MakePayment', data } as LedgerCommand, more)
    return answer && 'hash' in answer ? answer.hash : undefined
  }
  const { data } = paying('500')
  const postings = [{ currency: 'EUR', amount: '500', to: 'ben', from: 'ada' }]
  const turned = { reference: 'rent', postings }
  const text = '{"postings":[{"amount":"500","currency":"EUR","from":"ada","to":"ben"}],"reference":"rent"}'
  assert.equal(hashOf(data), hash('sha256', `MakePayment\n${text}`, 'base64url'))
  assert.equal(hashOf(turned), hashOf(data))
  const earlier = { generation: WHOLE_PROPOSALS_GENERATION - 1 }
  assert.equal(hashOf(turned, earlier), hash('sha256', `MakePayment\n${JSON.stringify(turned)}`, 'base64url'))
})

test('two approvals at once have one effect', () => {
  const books = book()
  const proposal = proposed(books)
  const outcomes = ['operator:otto', 'operator:otta'].map((who) => books.give(who, approving(proposal)).code)
  assert.deepEqual(outcomes, [undefined, 'proposal_decided'])
  assert.equal(books.balanceOf('ben'), 1_500n)
})

test('a command that can no longer be done is refused as such, and its proposal stays open', () => {
  const books = book()
  const proposal = proposed(books, '900')
  for (let each = 0; each < 5; each += 1) books.give('operator:olga', paying('100'))
  assert.equal(books.give('operator:otto', approving(proposal)).code, 'insufficient_funds')
  const back: LedgerCommand = {
    type: 'MakePayment',
    data: { postings: [{ from: AccountId.parse('ben'), to: ada, amount: '100', currency: 'EUR' }] },
  }
  for (let each = 0; each < 5; each += 1) books.give('operator:olga', back)
  assert.equal(books.give('operator:otto', approving(proposal)).events.length, 2)
})

test('it is decided as its maker, who may do no more than when it was proposed', () => {
  const books = book()
  books.give('operator:olga', policy())
  const own = { mayBook: false, mayApprove: false }
  const { answer } = books.give('customer:ada', paying('200'), own)
  assert.ok(answer && 'proposalId' in answer && answer.proposalId)
  const closed = putAccount({ ...account('ada'), owner: OwnerId.parse('customer:eve') })
  const proposal = { proposalId: answer.proposalId, hash: answer.hash }
  const sold = overlayOn(books.ledger)
  sold.put([closed])
  const facts = {
    tenant: 'main',
    subject: 'operator:otto',
    mayBook: true,
    mayApprove: true,
    generation: EVENT_GENERATION,
  }
  const decision = decide(approving(proposal), sold, {
    ...facts,
    ...{ decidedAt: '2026-07-02T09:31:00.000Z', paymentId: paymentIdAt(0, 99) },
  })
  assert.equal(decision.kind === 'rejected' && decision.code, 'account_not_found')
  const { events } = books.give('operator:otto', approving(proposal), { mayBook: false })
  assert.deepEqual(events, ['CommandApproved', 'PaymentPosted'])
})

test('it is refused by whoever may approve, and taken back by its maker, by nobody else', () => {
  for (const [who, mayApprove, code] of [
    ['operator:otto', true, undefined],
    ['operator:olga', false, undefined],
    ['customer:ben', false, 'proposal_not_found'],
  ] as const) {
    const books = book()
    const proposal = proposed(books)
    assert.equal(books.give(who, refusing(proposal), { mayApprove }).code, code, who)
    if (code) continue
    assert.equal(books.give('operator:otto', approving(proposal)).code, 'proposal_decided')
    assert.equal(books.balanceOf('ben'), 1_000n)
  }
})

test('who tries to refuse what is not theirs does not learn whether it is there, or what became of it', () => {
  const books = book()
  const proposal = proposed(books)
  const own = { mayApprove: false }
  const told = (who: string, proposalId = proposal.proposalId) => {
    const { code, detail } = books.give(who, refusing({ proposalId }), own)
    return [code, detail?.replace(proposalId, 'it')]
  }
  const unknown = told('customer:ben', proposalIdAt(0, 99))
  assert.deepEqual(unknown, ['proposal_not_found', 'there is no proposal it'])
  assert.deepEqual(told('customer:ben'), unknown, 'while it waits')
  books.give('operator:otto', approving(proposal))
  assert.deepEqual(told('customer:ben'), unknown, 'once it was approved')
  assert.equal(told('operator:olga')[0], 'proposal_decided', 'its maker')
})

test('a shop with one operator turns off what needs two, until a policy says that this needs two', () => {
  const books = book()
  books.give('finance:fiona', { type: 'ClosePeriod', data: { through: '2026-06-30', seq: 6, digest: 'd'.repeat(43) } })
  const reopening = { type: 'ReopenPeriod', data: { periodId: 'prd-0-7', reason: 'late' } } as LedgerCommand
  assert.deepEqual(books.give('finance:fiona', reopening).events, ['CommandProposed'])
  const off: LedgerCommand = { type: 'SetPolicy', data: { command: 'ReopenPeriod', people: 1 } }
  assert.deepEqual(books.give('finance:fiona', off).events, ['PolicySet'])
  assert.deepEqual(books.give('finance:fiona', reopening).events, ['PeriodReopened'])
  assert.deepEqual(
    books.give('finance:fiona', { type: 'SetPolicy', data: { command: 'SetPolicy', people: 2 } }).events,
    ['PolicySet'],
  )
  assert.deepEqual(books.give('finance:fiona', off).events, ['CommandProposed'])
})
