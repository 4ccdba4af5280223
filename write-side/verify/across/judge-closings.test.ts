import assert from 'node:assert/strict'
import { test } from 'node:test'
import { idOn } from '@micropay/event-log/across.fixture'
import type { Commit } from '@micropay/schemas/log/commit'
import { account, partitionsOf } from '../../decide/partitions.fixture.ts'
import type { Logs } from './histories.fixture.ts'
import { createAcrossJudge } from './judge-across.ts'

const PARTITIONS = 3
const digest = 'd'.repeat(43)
const seals = [0, 1, 2].map((partition) => ({ partition, seq: 0, digest }))
const hashAt = (partition: number, seq: number) => `${partition}:${seq}`.padEnd(43, '-')

function closed(): Logs {
  const ledger = partitionsOf(PARTITIONS, [account(idOn(0, PARTITIONS, 'ada'))])
  const data = { through: '2026-02-28', seq: 0, digest, seals }
  ledger.give({ type: 'ClosePeriod', data }, { mayBook: true })
  for (let turn = 0; turn < 3; turn += 1) {
    ledger.deliverAll()
    for (const part of ledger.parts) part.step({ kind: 'closings' })
  }
  return ledger.parts.map(({ log }) => log)
}

/** As far as each was read, by partition. */
function judged(logs: Logs, vector = logs.map((log) => log.length)) {
  const judge = createAcrossJudge(PARTITIONS)
  for (const [partition, log] of logs.entries()) {
    for (const commit of log.slice(0, vector[partition])) {
      judge.take(commit, { partition, seq: commit.seq, hash: hashAt(partition, commit.seq) })
    }
  }
  return judge
}

/** With another text in the commits that have it. */
function changed(partition: number, from: string, to: string): Logs {
  return closed().map((log, index) =>
    index === partition ? log.map((commit): Commit => JSON.parse(JSON.stringify(commit).replaceAll(from, to))) : log,
  )
}

const codes = (logs: Logs) =>
  judged(logs)
    .result()
    .faults.map(({ code }) => code)

test('a period that all partitions have sealed is no fault, and says nothing that was not read', () => {
  const logs = closed()
  assert.deepEqual(codes(logs), [])
  const early = judged(logs, [2, 1, 0])
  assert.deepEqual([early.result().faults, early.result().waiting], [[], 2])
  assert.deepEqual([...early.wanted()].sort(), [
    [1, 2],
    [2, 2],
  ])
})

test('one that rests on other words than those of all partitions is', () => {
  const named = `,{"partition":2,"seq":2,"hash":"${hashAt(2, 2)}"}`
  assert.deepEqual(codes(changed(0, named, '')), ['answer_missing'])
  assert.deepEqual(codes(changed(0, hashAt(2, 2), hashAt(2, 9))), ['cause_changed'])
  assert.deepEqual(codes(changed(0, '"seq":2,"hash":"2:2', '"seq":1,"hash":"2:2')), ['cause_missing'])
})

test('one with a posting behind its seal is', () => {
  assert.deepEqual(codes(changed(1, '"touched":0', '"touched":1')), ['cause_unfit'])
})

test('one that a partition has taken over with other figures is', () => {
  assert.deepEqual(new Set(codes(changed(2, digest, 'e'.repeat(43)))), new Set(['fact_differs']))
})
