import assert from 'node:assert/strict'
import { test } from 'node:test'
import { commitOf } from './commit.ts'
import { createFindings } from './findings.ts'
import { createGovernedJudge } from './judge-governed.ts'

/** What one commit says: who gave which command, what came of it, and of a refusal what was asked for. */
type Said = {
  readonly by?: string
  readonly command: string
  readonly events?: readonly object[]
  readonly code?: string
  readonly asked?: object
  readonly at?: string
}

const event = (type: string, data: object) => ({ type, version: 1, data })
const pay = (effectiveAt: string, at = '2026-07-10T12:00:00.000Z'): Said => ({
  ...{ command: 'MakePayment', at },
  events: [event('PaymentPosted', { paymentId: 'p', legs: [], effectiveAt })],
})
const close = (through: string, before: string, seq: number, periodId = 'prd-0-1'): Said => ({
  command: 'ClosePeriod',
  events: [event('PeriodClosed', { periodId, through, before, seq })],
})
const june = close('2026-06-30', '2026-07-01T00:00:00.000Z', 1)
const [inJune, inJuly] = ['2026-06-30T23:59:59.999Z', '2026-07-01T00:00:00.000Z']
const refused = (command: string, code: string, asked: object, by = 'olga'): Said => ({ command, code, asked, by })

const change = { accountId: 'ada', overdraftLimit: '500' }
const propose: Said = {
  command: 'ChangeAccount',
  events: [
    event('CommandProposed', {
      ...{ proposalId: 'prp-0-1', command: { type: 'ChangeAccount', hash: 'h' } },
      personal: { form: 'plain', data: change },
    }),
  ],
}
const policy: Said = {
  command: 'SetPolicy',
  events: [event('PolicySet', { rule: { command: 'ChangeAccount', people: 2 } })],
}
const approve = (by: string, more: object = change): Said => ({
  ...{ by, command: 'ApproveCommand' },
  events: [event('CommandApproved', { proposalId: 'prp-0-1' }), event('AccountChanged', more)],
})
const refuse: Said = { command: 'RefuseCommand', events: [event('CommandRefused', { proposalId: 'prp-0-1' })] }
const proposeReopening: Said = {
  command: 'ReopenPeriod',
  events: [
    event('CommandProposed', {
      ...{ proposalId: 'prp-0-9', command: { type: 'ReopenPeriod', hash: 'r' } },
      personal: { form: 'plain', data: { periodId: 'prd-0-1', reason: 'x' } },
    }),
  ],
}
const reopen: Said = {
  ...{ by: 'frank', command: 'ApproveCommand' },
  events: [event('CommandApproved', { proposalId: 'prp-0-9' }), event('PeriodReopened', { periodId: 'prd-0-1' })],
}
const asked = { proposalId: 'prp-0-1', hash: 'h' }

const cases: readonly [title: string, expected: string[], said: readonly Said[]][] = [
  ['days that are closed, and a payment behind them', [], [pay(inJune), june, pay(inJuly)]],
  ['what is reopened takes payments again', [], [pay(inJune), june, proposeReopening, reopen, pay(inJune)]],
  ['a payment into a closed day', ['1 closed days moved'], [june, pay(inJune)]],
  ['a payment into a day that is to come', ['1 closed days moved'], [pay('2026-07-11T00:00:00.000Z')]],
  ['a closing over a payment that was not seen', ['1 closed days moved'], [pay(inJuly), pay(inJune), june]],
  ['a closing that ends in the middle of its last day', ['1 closed days moved'], [close('2026-06-30', inJune, 1)]],
  ['a day that is closed twice', ['1 closed days moved'], [june, june]],
  [
    'a day that is closed before it is over',
    ['1 closed days moved'],
    [close('2026-07-10', '2026-07-11T00:00:00.000Z', 1)],
  ],
  [
    'a refusal for a day that is open',
    ['1 refusals without a reason'],
    [june, refused('MakePayment', 'period_closed', { effectiveAt: inJuly })],
  ],
  [
    'a closing that is refused though nothing came',
    ['1 refusals without a reason'],
    [pay(inJune), refused('ClosePeriod', 'period_changed', { through: '2026-06-30', seq: 1 })],
  ],
  [
    'a closing that is refused though those days are open',
    ['1 refusals without a reason'],
    [june, refused('ClosePeriod', 'period_already_closed', { through: '2026-07-01' })],
  ],
  ['a limit that two change', [], [policy, propose, approve('otto')]],
  ['a proposal that is taken back', [], [policy, propose, refuse]],
  [
    'a limit that one changes alone',
    ['1 decided by one person'],
    [policy, { command: 'ChangeAccount', events: [event('AccountChanged', change)] }],
  ],
  ['a maker who approves', ['1 decided by one person'], [policy, propose, approve('olga')]],
  ['a proposal with two effects', ['1 decided by one person'], [policy, propose, approve('otto'), approve('fiona')]],
  ['an approval of what was refused', ['1 decided by one person'], [policy, propose, refuse, approve('otto')]],
  [
    'an approval that does something else',
    ['1 decided by one person'],
    [policy, propose, approve('otto', { ...change, overdraftLimit: '9999' })],
  ],
  [
    'an approval a week and a moment later',
    ['1 decided by one person'],
    [policy, propose, { ...approve('otto'), at: '2026-07-17T12:00:00.001Z' }],
  ],
  [
    'a period that one reopens alone',
    ['1 decided by one person'],
    [june, { command: 'ReopenPeriod', events: [event('PeriodReopened', { periodId: 'prd-0-1' })] }],
  ],
  [
    'approvals that are refused for what is not so',
    ['4 refusals without a reason'],
    [
      ...[policy, propose],
      refused('ApproveCommand', 'approval_by_maker', asked, 'otto'),
      refused('ApproveCommand', 'proposal_changed', asked, 'otto'),
      refused('ApproveCommand', 'proposal_decided', asked, 'otto'),
      refused('ApproveCommand', 'proposal_not_found', asked, 'otto'),
    ],
  ],
  [
    'approvals that are refused for what is so',
    [],
    [
      ...[policy, propose],
      refused('ApproveCommand', 'approval_by_maker', asked),
      refused('ApproveCommand', 'proposal_changed', { ...asked, hash: 'another' }, 'otto'),
      approve('otto'),
      refused('ApproveCommand', 'proposal_decided', asked, 'fiona'),
    ],
  ],
]

for (const [title, expected, said] of cases) {
  test(`${expected.length > 0 ? 'found' : 'sound'}: ${title}`, () => {
    const findings = createFindings()
    const judge = createGovernedJudge(findings)
    for (const [index, each] of said.entries()) {
      const place = { offset: BigInt(index), partition: 0, hash: '' }
      judge.take(commitOf(place, dataOf(each, index + 1)))
    }
    const found = findings.list().map(({ kind, count, examples }) => ({ text: `${count} ${kind}`, examples }))
    assert.deepEqual(
      found.map(({ text }) => text),
      expected,
      JSON.stringify(found),
    )
  })
}

function dataOf(
  { by = 'olga', command, events = [], code, asked: what, at = '2026-07-10T12:00:00.000Z' }: Said,
  seq: number,
) {
  return {
    ...{ seq, decidedAt: at, tenant: 'main', idempotencyKey: `key ${seq}`, actor: { subject: by, client: by } },
    command: { type: command, ...(what ? { personal: { form: 'plain', data: what } } : {}) },
    ...{ outcome: code ? { kind: 'rejected', code } : { kind: 'accepted' }, events },
  }
}
