import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readFold } from './fold-state.ts'
import { compareHistory } from './history.ts'
import { createLedger } from './ledger.fixture.ts'
import { appendTo, foldToEnd } from './log-reading.fixture.ts'
import { createMemoryStore, openMemoryLog } from './memory/event-log.ts'

/** A ledger of four commits, and what a checkpoint kept of it before it said where its newest commit stands. */
async function keptByEarlierCode() {
  const store = createMemoryStore()
  const log = openMemoryLog(store)
  await log.prepare(1)
  const ledger = createLedger()
  const payments = () => [ledger.pay([['cash', 'ada', 100]]), ledger.pay([['cash', 'ada', 5]])]
  await appendTo(log, 0, [ledger.genesis(), ledger.claim(), ledger.open('cash'), ledger.open('ada'), ...payments()])
  await appendTo(log, 0, [ledger.heartbeat()])
  const { partition, genesis, epoch, claimId, seq, hash, offset, voids } = (await foldToEnd(log, 0)).state
  const kept = readFold({ partition, genesis, epoch, claimId, seq, hash, offset: String(offset), voids })
  await appendTo(log, 0, [ledger.claim(), ...payments()])
  const change = (at: number, from: string, to: string) => {
    const record = store.partitions[0]?.[at]
    assert.ok(record)
    const text = new TextDecoder().decode(record.value)
    assert.ok(text.includes(from))
    store.partitions[0]?.splice(at, 1, { ...record, value: new TextEncoder().encode(text.replace(from, to)) })
  }
  return { kept, change, compare: () => compareHistory(log, kept, new AbortController().signal) }
}

test('a checkpoint of earlier code follows from the log that it was folded of', async () => {
  const { compare } = await keptByEarlierCode()
  assert.deepEqual(await compare(), { kind: 'follows' })
})

const reason = /the log up to 0:4 .* is not the one that was read before/
const changes: readonly [string, at: number, from: string, to: string][] = [
  ['its newest commit', 5, '"amount":"5"', '"amount":"7"'],
  ['a commit before that', 4, '"amount":"100"', '"amount":"900"'],
  ['its claim', 1, '"claimId":"claim-of-epoch-1', '"claimId":"claim-of-epoch-X'],
]
for (const [what, at, from, to] of changes) {
  test(`a checkpoint of earlier code stops where ${what} was changed`, async () => {
    const { change, compare } = await keptByEarlierCode()
    change(at, from, to)
    const compared = await compare()
    assert.equal(compared.kind, 'stopped')
    assert.match(compared.kind === 'stopped' ? compared.error.message : '', reason)
  })
}
