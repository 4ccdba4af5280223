import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLedger } from '@micropay/event-log/ledger.fixture'
import { decodeRecord } from '@micropay/schemas/log/ledger-record'
import { beforeAll, replayCommit } from './replay.ts'

test('each leg on the account is a step, with the balance after it and the only account on the other side', () => {
  const ledger = createLedger()
  ledger.claim()
  const records = [
    ledger.open('bob'),
    ledger.payLegs(
      [
        ['ada', -50],
        ['bob', 30],
        ['bob', 15],
        ['fee', 5],
      ],
      { reference: 'split' },
    ),
    ledger.payLegs([
      ['bob', -7],
      ['ada', 4],
      ['fee', 3],
    ]),
    ledger.payLegs([
      ['ada', 0],
      ['bob', 0, { stands: '38' }],
    ]),
  ]
  let state = beforeAll
  const steps = records.flatMap(({ value }) => {
    const record = decodeRecord(value)
    if (record.kind !== 'commit') return []
    const replayed = replayCommit(state, 'bob', 0, record.commit, 'hash')
    state = replayed.state
    return replayed.steps
  })
  assert.deepEqual(
    steps.map(({ step, counterparty, amount, balanceAfter, reference }) => [
      ...[step, counterparty, amount, balanceAfter, reference],
    ]),
    [
      [1, null, null, '0', null],
      [2, 'ada', '30', '30', 'split'],
      [3, 'ada', '15', '45', 'split'],
      [4, null, '-7', '38', null],
      [5, null, '0', '38', null],
    ],
  )
})

test('what was approved, or was to be, is a step of who asked for it, with the approver beside', () => {
  const ledger = createLedger()
  ledger.claim()
  const maker = { subject: 'customer:bob', client: 'phone' }
  const proposalId = 'prp-0-1'
  const frozen = { type: 'AccountFrozen', version: 2, data: { accountId: 'bob', direction: 'all' } }
  const approving = (more: object) =>
    ledger.decide('ApproveCommand', [{ type: 'CommandApproved', version: 2, data: { proposalId, ...more } }, frozen], {
      actor: 'operator:otto',
    })
  const command = {
    type: 'MakePayment',
    data: { postings: [{ from: 'bob', to: 'ada', amount: '5', currency: 'EUR' }] },
  }
  const records = [
    approving({ maker }),
    ledger.refuse({ proposalId, hash: '', maker, command }, { type: 'ApproveCommand', actor: 'operator:otto' }),
    approving({}),
  ]
  const steps = records.flatMap(({ value }) => {
    const record = decodeRecord(value)
    return record.kind === 'commit' ? replayCommit(beforeAll, 'bob', 0, record.commit, 'hash').steps : []
  })
  assert.deepEqual(
    steps.map(({ event, actor, client, approvedBy, paymentId }) => [event, actor, client, approvedBy, paymentId]),
    [
      ['AccountFrozen', 'customer:bob', 'phone', 'operator:otto', null],
      ['Refused', 'customer:bob', 'phone', 'operator:otto', 'pay-0-2'],
      ['AccountFrozen', null, null, 'operator:otto', null],
    ],
  )
})

test('a suspense account is replayed in the currency of what first comes to it', () => {
  const legs = (minor: string) => [{ account: 'suspense/0/EUR', amount: minor, currency: 'EUR' }]
  const commit = (type: string, minor: string) =>
    ({
      ...{ seq: 7, decidedAt: '2026-03-01T09:00:00.000Z', outcome: { kind: 'accepted' } },
      ...{ actor: { subject: 'ledger', client: 'ledger' }, command: { type: 'AcceptHistory' } },
      events: [{ type, version: 1, data: { paymentId: 'pay-1-5', legs: legs(minor), effectiveAt: 'then' } }],
    }) as never
  const first = replayCommit(beforeAll, 'suspense/0/EUR', 0, commit('LegsWrittenOff', '-700'), 'hash')
  const { steps } = replayCommit(first.state, 'suspense/0/EUR', 0, commit('LegsPosted', '200'), 'hash')
  const told = [...first.steps, ...steps].map(({ event, amount, balanceAfter, currency }) => [
    event,
    amount,
    balanceAfter,
    currency,
  ])
  assert.deepEqual(told, [
    ['LegsWrittenOff', '-700', '-700', 'EUR'],
    ['LegsPosted', '200', '-500', 'EUR'],
  ])
})
