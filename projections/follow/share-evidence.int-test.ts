import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LogRecord } from '@micropay/event-log/event-log'
import { judgeFold, partitionLease, readTold } from '@micropay/event-log/evidence'
import { createLedger } from '@micropay/event-log/ledger.fixture'
import { createMemoryStore, openMemoryLog } from '@micropay/event-log/memory/event-log'
import { systemClock } from '@micropay/runtime/clock'
import { openLeases } from '@micropay/runtime/open-leases'
import { startWorker } from '../serve/worker.ts'
import { eventually, reached, startProjections } from '../versions/projections.fixture.ts'

test('a projection whose log has lost what it has read tells the workers how far that was', async (context) => {
  const store = createMemoryStore(systemClock)
  const projections = await startProjections(1, openMemoryLog(store))
  const { log, pool, logger, databaseUrl: url } = projections
  const ownersLeases = openLeases({ url, clock: systemClock, log: logger })
  context.after(() => projections.close())
  context.after(() => ownersLeases.close())
  const ledger = createLedger()
  await projections.append(ledger.genesis(), ledger.claim(), ledger.open('cash'), ledger.open('ada'))
  const before = startWorker({ ...projections, ownersLeases })
  const schema = await reached(pool, 2)
  await before.close()
  const records = store.partitions[0] as LogRecord[]
  const lost = records.splice(3)
  const worker = startWorker({ ...projections, ownersLeases })
  context.after(() => worker.close())
  const lease = ownersLeases.open(partitionLease('test-ledger', 0), 'a worker')
  const told = await eventually('it is told', async () => {
    const [first] = readTold(await lease.told(), 'test-ledger')
    return first
  })
  assert.equal(told.notice.ownerId, `the read model ${schema}`)
  assert.ok(told.fold)
  assert.equal(told.fold.seq, 2)
  assert.equal((await judgeFold(log, told.fold, context.signal)).kind, 'stopped')
  records.push(...lost)
  assert.equal((await judgeFold(log, told.fold, context.signal)).kind, 'follows')
})
