import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AccountRow } from '@micropay/projections/accounts/tables'
import { createAccountStream, MAX_PENDING } from './account-stream.ts'

const ada = { tenant: 'acme', owner: 'customer:ada' }
const anyone = { tenant: 'acme', owner: undefined }

function row(accountId: string, changedSeq: number, more: Partial<AccountRow> = {}): AccountRow {
  return {
    account_id: accountId,
    partition: 0,
    tenant: 'acme',
    type: 'customer',
    currency: 'EUR',
    owner: 'customer:ada',
    ...{ name: null, owner_reference: null, path: 'liabilities/customers/eur' },
    ...{ frozen: null, paid_by: 'customers', opened_on: null },
    overdraft_limit: 0n,
    status: 'open',
    ...{ balance_minor: 0n, held_minor: 0n, due_minor: 0n, forced_at: null },
    opened_at: new Date('2026-03-01T09:00:00.000Z'),
    changed_at: new Date('2026-03-01T09:00:00.000Z'),
    changed_seq: BigInt(changedSeq),
    ...more,
  }
}

function streamAt(seq: number, viewer: typeof ada | typeof anyone = ada) {
  const stream = createAccountStream(viewer, [])
  stream.resumeFrom()
  stream.resumed([], [{ partition: 0, seq }])
  stream.take()
  return stream
}

const told = (stream: ReturnType<typeof streamAt>) =>
  stream.take().map(({ id, account }) => [id, account.accountId, account.position])

test('a new stream tells nothing of before, and knows where it begins', () => {
  const stream = streamAt(7)
  assert.equal(stream.hasEvents(), false)
  assert.equal(stream.position(), '0:7')
})

test('changes are told in the order in which they happened, the latest of each account', () => {
  const stream = streamAt(7)
  stream.offer([{ partition: 0, seq: 9 }], [row('b', 9), row('a', 8)])
  stream.offer([{ partition: 0, seq: 11 }], [row('a', 11)])
  assert.deepEqual(told(stream), [
    ['0:9', 'b', '0:9'],
    ['0:11', 'a', '0:11'],
  ])
})

test('an id never names a position whose other changes were not told yet', () => {
  const stream = streamAt(7)
  // The row was read after the change at 12, which also concerns another account and is offered later.
  stream.offer([{ partition: 0, seq: 9 }], [row('a', 12), row('b', 8)])
  assert.deepEqual(told(stream), [
    ['0:8', 'b', '0:8'],
    ['0:9', 'a', '0:12'],
  ])
})

test('what the viewer may not see moves the position and is not told', () => {
  const stream = streamAt(7)
  stream.offer([{ partition: 0, seq: 8 }], [row('b', 8, { owner: 'customer:bob' }), row('c', 8, { tenant: 'other' })])
  assert.deepEqual(told(stream), [])
  assert.equal(stream.position(), '0:8')
})

test('a change that comes while missed ones are read again is read once more', () => {
  const stream = createAccountStream(ada, [{ partition: 0, seq: 5 }])
  assert.deepEqual(stream.resumeFrom(), [{ partition: 0, seq: 5 }])
  stream.offer([{ partition: 0, seq: 9 }], [row('a', 9)])
  stream.resumed([row('a', 8)], [{ partition: 0, seq: 8 }])
  assert.deepEqual(told(stream), [['0:8', 'a', '0:8']])
  assert.deepEqual(stream.resumeFrom(), [{ partition: 0, seq: 8 }])
})

test('more accounts than a client can be kept waiting for are read again from the last that was told', () => {
  const stream = streamAt(1, anyone)
  const rows = Array.from({ length: MAX_PENDING + 1 }, (_, index) => row(`a${index}`, index + 2))
  stream.offer([{ partition: 0, seq: MAX_PENDING + 2 }], rows)
  assert.deepEqual(told(stream), [])
  assert.deepEqual(stream.resumeFrom(), [{ partition: 0, seq: 1 }])
  stream.resumed(rows.slice(0, MAX_PENDING), [{ partition: 0, seq: MAX_PENDING + 2 }])
  assert.equal(stream.take().length, MAX_PENDING)
  assert.deepEqual(stream.resumeFrom(), [{ partition: 0, seq: MAX_PENDING + 1 }])
})

for (const [title, from] of [
  ['an id that the model has not reached', [{ partition: 0, seq: 9 }]],
  ['an id of a partition that the ledger does not have', [{ partition: 7, seq: 1 }]],
] as const) {
  test(`${title} is no place to go on from: the client is told once to read again, and goes on from there`, () => {
    const stream = createAccountStream(ada, from)
    stream.resumeFrom()
    stream.resumed([], [{ partition: 0, seq: 8 }])
    assert.equal(stream.takeResync(), true)
    assert.equal(stream.takeResync(), false)
    assert.equal(stream.position(), '0:8')
    stream.offer([{ partition: 0, seq: 9 }], [row('a', 9)])
    assert.deepEqual(told(stream), [['0:9', 'a', '0:9']])
  })
}

test('an id that the model is exactly at is gone on from without reading again', () => {
  const stream = createAccountStream(ada, [{ partition: 0, seq: 8 }])
  stream.resumeFrom()
  stream.resumed([], [{ partition: 0, seq: 8 }])
  assert.equal(stream.takeResync(), false)
})
