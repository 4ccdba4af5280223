import assert from 'node:assert/strict'
import { test } from 'node:test'
import { appendResume } from '@micropay/event-log/append-resume'
import { createLedger } from '@micropay/event-log/ledger.fixture'
import { createMemoryStore, openMemoryLog } from '@micropay/event-log/memory/event-log'
import { systemClock } from '@micropay/runtime/clock'
import { projectionStatus } from '../serve/status.ts'
import { begunSchema, eventually, liveSchema, reached, startProjections } from './projections.fixture.ts'

test('a version of a history before a resume is told from others, and nobody can go back to it', async (context) => {
  const store = createMemoryStore(systemClock)
  const projections = await startProjections(1, openMemoryLog(store))
  context.after(() => projections.close())
  const { pool, log } = projections
  const ledger = createLedger()
  await projections.append(ledger.genesis(), ledger.claim())
  const opened = [ledger.open('cash', { type: 'external', overdraftLimit: 'unlimited' }), ledger.open('ada')]
  const payments = Array.from({ length: 8 }, () => ledger.pay([['cash', 'ada', 1]]))
  await projections.append(...opened, ...payments)
  const before = projections.startWorker()
  const first = await reached(pool, 10)
  const second = await eventually('a rebuild begins', () => begunSchema(before.startRebuild()))
  await eventually('it is live', async () => ((await liveSchema(pool)) === second ? true : undefined))
  await before.close()

  store.partitions[0]?.splice(7)
  await appendResume(log, 0, {
    ...{ ledgerId: 'test-ledger', actor: 'sam', reason: 'a backup was restored', aboveSeq: 1_000, aboveEpoch: 9 },
    ...{ clock: systemClock, signal: AbortSignal.timeout(20_000) },
  })
  const worker = projections.startWorker()
  const third = await reached(pool, 1_001)
  const statuses = await projectionStatus(pool, log, systemClock)
  assert.deepEqual(
    new Map(statuses.map(({ schema, givenUpBy, lagRecords }) => [schema, [givenUpBy, lagRecords]])),
    new Map([
      [third, [null, 0]],
      [second, ['0:1001', null]],
      [first, ['0:1001', null]],
    ]),
  )
  const refused = await eventually('the rebuild is over', async () => {
    const asked = await worker.startRollback()
    return asked.kind === 'busy' ? undefined : asked
  })
  const because = `${second} is built on a history before the resume at 0:1001, which a person has given up`
  assert.deepEqual(refused, { kind: 'nothing to go back to', because })

  // As a version that other code retired, of which nothing is noted.
  await pool.query('update projection.checkpoint set given_up_by = null')
  assert.equal(await eventually('a rollback begins', () => begunSchema(worker.startRollback())), second)
  const trouble = await eventually('the rollback fails', async () => worker.troubledBy())
  assert.match(trouble, /^the rollback of .* failed.* of a history that a person has given up by a resume/)
  assert.equal(await liveSchema(pool), third)
})
