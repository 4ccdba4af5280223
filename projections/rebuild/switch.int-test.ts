import { test } from 'node:test'
import { createLedger } from '../follow/ledger.fixture.ts'
import { eventually, reached, startProjections } from './projections.fixture.ts'
import { beginRebuild, rebuild } from './rebuild.ts'

test('what a rebuilt version is ahead of the one before it is told to listeners', async (context) => {
  const projections = await startProjections()
  const { pool, projection, partitions } = projections
  const ledger = createLedger()
  await projections.append(ledger.genesis(), ledger.claim(), ledger.open('cash', { overdraftLimit: 'unlimited' }))
  const worker = projections.startWorker()
  await reached(pool, 1)
  await worker.close()
  await projections.append(ledger.open('ada'))
  await rebuild(projections, await beginRebuild(pool, projection, partitions), new AbortController().signal)

  const told: string[] = []
  const listener = await pool.connect()
  context.after(async () => {
    listener.release(true)
    await projections.close()
  })
  listener.on('notification', ({ payload }) => told.push(payload ?? ''))
  await listener.query(`listen ${projection.channel}`)
  projections.startWorker()
  await eventually('the listener is told of 0:2', async () => (told.includes('0:2 *') ? true : undefined), 5_000)
})
