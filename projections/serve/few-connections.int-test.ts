import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLedger } from '@micropay/event-log/ledger.fixture'
import { systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import { openPool } from '@micropay/runtime/pool'
import type { ClientBase } from 'pg'
import type { Projection, WriteChanges } from '../projection.ts'
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

test('partitions that write for long at once wait for one another, and not for a connection', async (context) => {
  const projections = await startProjections(12)
  const { databaseUrl, log, pool } = projections
  const warned: string[] = []
  const logger = createLogger('test', 'warn', { write: (line) => void warned.push(line) })
  const few = openPool(databaseUrl, logger, { max: 4, connectionTimeoutMillis: 500, application_name: 'tests' })
  const projection: Projection = {
    ...projections.projection,
    openWriter(...asked) {
      const writer = projections.projection.openWriter(...asked)
      const take = (): WriteChanges => {
        const changes = writer.take()
        const write = async (client: ClientBase) => {
          await client.query('select pg_sleep(0.6)')
          await changes.write(client)
        }
        return { ...changes, parts: undefined, write }
      }
      return { ...writer, take }
    },
  }
  for (let partition = 0; partition < 12; partition += 1) {
    const ledger = createLedger(partition, 12)
    const appender = await log.openAppender(partition)
    await appender.append([ledger.genesis(), ledger.claim(), ledger.open(`of-${partition}`)])
  }
  const worker = startWorker({ ...projections, logger, projection, pool: few })
  context.after(async () => {
    await worker.close()
    await few.end()
    await projections.close()
  })
  await eventually('all partitions are there', async () => {
    const found = await pool.query('select from projection.checkpoint where seq >= 1').catch(() => ({ rowCount: 0 }))
    return found.rowCount === 12 ? true : undefined
  })
  assert.deepEqual(warned, [])
})
