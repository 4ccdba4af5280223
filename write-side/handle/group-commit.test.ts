import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readRecords } from '@micropay/event-log/log-reading.fixture'
import { createMemoryStore, openMemoryLog } from '@micropay/event-log/memory/event-log'
import { createLogger } from '@micropay/runtime/logger'
import { MakePayment } from '@micropay/schemas/api/payment'
import { AccountId, paymentIdAt } from '@micropay/schemas/identifiers'
import { MAX_RECORD_BYTES } from '@micropay/schemas/log/ledger-record'
import { createLedgerState, type LedgerState } from '../state/ledger-state.ts'
import { append, freshDisks, newYear, openOn } from '../state/state.fixture.ts'
import { draftBatch } from './group-commit.ts'
import { ledgerId, ledgerIn, opening, requestFor, startOwner, stopOwner } from './owner.fixture.ts'
import { summary } from './partition-owner.contract.ts'
import { refunding } from './refunds.fixture.ts'

/** A log, and the lines that were written to it as errors. */
function listening() {
  const errors: string[] = []
  return { errors, log: createLogger('test', 'error', { write: (line) => errors.push(line) }) }
}

/** A payment whose record has so many bytes more than with an empty description, past what its schema takes. */
function describedBy(key: string, length: number) {
  const data = MakePayment.parse({ postings: [{ from: 'ada', to: 'ben', amount: '1', currency: 'EUR' }] })
  return requestFor({ type: 'MakePayment', data: { ...data, description: 'x'.repeat(length) } }, key)
}

test('a commit of the largest record is appended, one of a byte more is refused and leaves nothing', async () => {
  const log = openMemoryLog(createMemoryStore())
  await log.prepare(1)
  const owner = startOwner(log)
  await owner.submit(opening('ada', 'k1', '100'))
  await owner.submit(opening('ben', 'k2'))
  await owner.submit(describedBy('k3', 0))
  const [record] = await readRecords(log, 0, (await log.end(0)) - 1n, 1)
  const room = MAX_RECORD_BYTES - (record?.value.byteLength ?? 0)
  assert.equal(summary(await owner.submit(describedBy('k4', room + 1))), 'refused body_too_large')
  assert.equal(summary(await owner.submit(describedBy('k5', room))), 'accepted 4')
  assert.equal((await ledgerIn(log)).positions.get('k4'), undefined)
  await stopOwner(owner)
})

test('what no reader could read is never appended, and what waits beside it is decided without it', async () => {
  const log = openMemoryLog(createMemoryStore())
  await log.prepare(1)
  const told = listening()
  const owner = startOwner(log, { log: told.log })
  await owner.submit(opening('ada', 'k1', 'unlimited'))
  await owner.submit(opening('ben', 'k2'))
  const pay = (key: string, amount: string) => {
    const posting = { from: AccountId.parse('ada'), to: AccountId.parse('ben'), amount, currency: 'EUR' }
    return owner.submit(requestFor({ type: 'MakePayment', data: { postings: [posting] } }, key))
  }
  const results = await Promise.all([pay('k3', '5'), pay('k4', '1000000000000001'), pay('k5', '6')])
  assert.deepEqual(results.map(summary), ['accepted 3', 'refused decision_failed', 'accepted 4'])
  const [, failed] = results
  assert.match(failed?.kind === 'refused' ? failed.detail : '', /nothing was appended/)
  assert.equal(told.errors.length, 1)
  assert.match(told.errors[0] ?? '', /malformed_record.*k4|k4.*malformed_record/)
  assert.deepEqual(
    (await ledgerIn(log)).balances,
    new Map([
      ['ada', -11n],
      ['ben', 11n],
    ]),
  )
  assert.equal(summary(await pay('k6', '1')), 'accepted 5')
  await stopOwner(owner)
})

test('a payment that was found for another state is none: a person may have given it up since', async (context) => {
  const states = await Promise.all(
    [1, 2].map(async () => {
      const { store } = await openOn(context, freshDisks.memory(context))
      await append(store, 3)
      return createLedgerState(store, 0, createLogger('test', 'silent'))
    }),
  )
  const [state, other] = states
  assert.ok(state && other)
  const request = refunding('r', 'pay-0-3')
  const decide = (foundFor: LedgerState) => {
    const original = { paymentId: paymentIdAt(0, 3), commit: undefined, foundFor }
    const entries = [{ request: { ...request, original } }]
    const { settled, drafts } = draftBatch(entries, state, { ledgerId, partition: 0 }, newYear, () =>
      assert.fail('a bug'),
    )
    return [drafts.length, ...settled.map(({ result }) => summary(result))]
  }
  // Nobody has claimed these states, so what is decided is in a generation that has no refunds.
  assert.deepEqual([decide(other), decide(state)].flat(), [0, 'refused not_owner', 0, 'refused generation_not_raised'])
})
