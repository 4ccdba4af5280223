import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NewRecord } from '@micropay/event-log/event-log'
import { firstHash } from '@micropay/event-log/fold'
import { claim, commit, genesis, ledgerId } from '@micropay/event-log/ledger-records.fixture'
import { decodeRecord } from '@micropay/schemas/log/ledger-record'
import type { CommandRequest } from '@micropay/write-side/handle/command'
import { requestFor } from '@micropay/write-side/handle/owner.fixture'
import { createOracle } from './oracle.ts'

const belief = { epoch: 1, seq: 0, hash: firstHash(ledgerId, 0) }
const at = (from: number, records: readonly NewRecord[]) =>
  records.map((record, index) => ({ ...record, offset: BigInt(from + index) }))
const beginning = [genesis(), claim(1, 'worker-0')]

const rejection = { code: 'account_not_found' as const, detail: 'there is no such account' }

function requestOf({ value }: NewRecord): CommandRequest {
  const record = decodeRecord(value)
  assert.ok(record.kind === 'commit')
  const { tenant, actor, idempotencyKey = '', requestHash = '' } = record.commit
  const command = { type: 'RemovePayee', data: { owner: 'customer:ada', alias: 'ben' } } as CommandRequest['command']
  return requestFor(command, idempotencyKey, { tenant, actor, requestHash })
}

/**
 * Which rules are broken where 0:1 was given and lost, worker-1 writes there, and its caller is told so once a person
 * has accepted that; `knownTo` it was what 0:1 held.
 */
function rulesBrokenByOverwriting(knownTo: 'worker-1' | 'nobody else'): readonly string[] {
  const broken = new Set<string>()
  let harmed = false
  const oracle = createOracle({
    ...{ partition: 0, nowMs: () => 0, isHarmed: () => harmed },
    fail: ({ rule }) => broken.add(rule),
    knew: (process) => !harmed || process.startsWith(knownTo),
  })
  const answered = (process: string, record: NewRecord) =>
    oracle.answered(
      { process, request: requestOf(record), sinceMs: 0 },
      { kind: 'rejected', position: { partition: 0, seq: 1 }, replayed: false, rejection },
    )
  const [lost, second] = [commit(belief, 'lost'), commit(belief, 'second')]
  oracle.sent('worker-0.1', [lost])
  oracle.appended(at(0, [...beginning, lost]))
  answered('worker-0.1', lost)
  harmed = true
  oracle.replaced(at(0, beginning))
  oracle.sent('worker-1.1', [second])
  oracle.appended(at(2, [second]))
  harmed = false
  answered('worker-1.1', second)
  return [...broken]
}

const rule = 'a position is given once'

test('who had not read what was lost may write over its position, and its caller is told so later', () => {
  assert.ok(!rulesBrokenByOverwriting('nobody else').includes(rule))
})

test('who had read it may not', () => {
  assert.ok(rulesBrokenByOverwriting('worker-1').includes(rule))
})
