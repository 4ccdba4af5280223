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
