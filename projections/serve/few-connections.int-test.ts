import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLedger } from '@micropay/event-log/ledger.fixture'
import { systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import { openPool } from '@micropay/runtime/pool'
import type { Projection } from '../projection.ts'
import { eventually, liveSchema, reached, startProjections } from '../versions/projections.fixture.ts'
import { startWorker } from './worker.ts'

const logger = createLogger('test', 'silent')

test('a switch on many partitions is not kept from its connections by those that it holds up', async (context) => {
  const projections = await startProjections(64)
  let live: string | undefined
  const projection: Projection = {
    ...projections.projection,
    openWriter(schema, ...asked) {
      const writer = projections.projection.openWriter(schema, ...asked)
      const prepare = async (...prepared: Parameters<typeof writer.prepare>) => {
        if (live !== undefined && schema !== live) await systemClock.sleep(300)
        await writer.prepare(...prepared)
      }
      return { ...writer, prepare }
    },
  }
  const { databaseUrl, pool } = projections
  const poolOf = (max: number) => openPool(databaseUrl, logger, { max, application_name: 'tests' })
  const [following, building] = [poolOf(7), poolOf(5)]
  const ledger = createLedger(0, 64)
  const external = { type: 'external', overdraftLimit: 'unlimited' } as const
  await projections.append(ledger.genesis(), ledger.claim(), ledger.open('cash', external), ledger.open('ada'))
  const paying = systemClock.every(50, () => void projections.append(ledger.pay([['cash', 'ada', 1]])))
  const worker = startWorker({ ...projections, projection, pool: following, buildingPool: building })
  context.after(async () => {
    paying.cancel()
    await worker.close()
    await Promise.all([following.end(), building.end()])
    await projections.close()
  })
  live = await reached(pool, 2)
  const begun = await worker.startRebuild()
  assert.equal(begun.kind, 'begun')
  await eventually('the rebuilt version is live', async () => {
    assert.equal(worker.troubledBy(), undefined)
    return (await liveSchema(pool)) === live ? undefined : true
  })
})
