import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { createLedger } from '@micropay/event-log/ledger.fixture'
import { systemClock } from '@micropay/runtime/clock'
import type { Projection } from '../projection.ts'
import { projectionStatus } from '../serve/status.ts'
import { startWorker, type Worker } from '../serve/worker.ts'
import { begunSchema, eventually, liveSchema, reached, startProjections } from './projections.fixture.ts'
import { beginRebuild } from './rebuild.ts'
import { beginRollback } from './rollback.ts'

let projections: Awaited<ReturnType<typeof startProjections>>
beforeEach(async () => {
  projections = await startProjections()
  const ledger = createLedger()
  await projections.append(ledger.genesis(), ledger.claim(), ledger.open('ada'))
})
afterEach(() => projections.close())

const failing = (projection: Projection): Projection => ({
  ...projection,
  indexes() {
    throw new Error('no room left')
  },
})

async function failureShown() {
  const [first] = await projectionStatus(projections.pool, projections.log, systemClock)
  return first?.lastFailure
}

const troubled = (worker: Worker, pattern: RegExp | undefined) =>
  eventually(`the trouble is ${pattern}`, async () => {
    const trouble = worker.troubledBy()
    return (pattern ? pattern.test(trouble ?? '') : trouble === undefined) ? true : undefined
  })

test('why a rebuild failed is told, by other workers and after a restart too, until one succeeds', async () => {
  const { pool } = projections
  const other = projections.startWorker()
  const live = await reached(pool, 1)
  const worker = startWorker({ ...projections, projection: failing(projections.projection) })
  await troubled(worker, undefined)
  await eventually('the rebuild begins', async () => begunSchema(worker.startRebuild().catch(() => ({ kind: 'busy' }))))
  await troubled(worker, /^the rebuild of 20.*Z failed, and none has succeeded since: no room left$/)
  assert.equal(await liveSchema(pool), live)
  await troubled(other, /no room left/)
  await worker.close()
  await other.close()

  const next = projections.startWorker()
  await troubled(next, /no room left/)
  assert.deepEqual({ ...(await failureShown()), at: '' }, { at: '', what: 'rebuild', reason: 'no room left' })
  const rebuilt = await eventually('the next begins', () => begunSchema(next.startRebuild()))
  await eventually('it is live', async () => ((await liveSchema(pool)) === rebuilt ? true : undefined))
  await troubled(next, undefined)
  assert.equal(await failureShown(), null)
})

test('a rebuild or rollback that was broken off with its worker is one that failed', async () => {
  const { pool, projection, partitions } = projections
  const worker = projections.startWorker()
  await reached(pool, 1)
  const rebuilt = await eventually('the rebuild begins', () => begunSchema(worker.startRebuild()))
  await eventually('it is live', async () => ((await liveSchema(pool)) === rebuilt ? true : undefined))
  await worker.close()

  const left = await beginRebuild(pool, projection, partitions)
  projections.startWorker()
  await eventually('the rebuild that was left is told', async () => {
    const failure = await failureShown()
    return failure?.what === 'rebuild' && failure.reason.includes(left) ? true : undefined
  })
  await beginRollback(pool, projection)
  projections.startWorker()
  await eventually('the rollback that was left is told', async () => {
    const failure = await failureShown()
    return failure?.what === 'rollback' ? true : undefined
  })
})
