import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { EventLog } from '@micropay/event-log/event-log'
import { createLedger } from '@micropay/event-log/ledger.fixture'
import { eventually, liveSchema, reached, startProjections } from './projections.fixture.ts'
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

/** A log in which the payment at that offset has another amount, on both of its sides. */
function changedAt(log: EventLog, offset: bigint): EventLog {
  return {
    ...log,
    async *read(...asked) {
      for await (const records of log.read(...asked)) {
        yield records.map((record) => {
          if (record.offset !== offset) return record
          const value = Buffer.from(record.value)
            .toString()
            .replaceAll(/("amount":"-?)[0-9]/g, '$17')
          return { ...record, value: Buffer.from(value) }
        })
      }
    },
  }
}

for (const [title, payments, offset, error] of [
  ['in its middle', 20, 6n, { code: 'chain_broken', message: /does not continue the hash chain at 0:6/ }],
  [
    'in its last record',
    1,
    4n,
    { code: 'log_diverged', message: /the log was changed. Find out where by micropay verify/ },
  ],
] as const) {
  test(`a log that was changed ${title} makes no version that takes the place of the live one`, async (context) => {
    const projections = await startProjections()
    context.after(() => projections.close())
    const { pool, projection, partitions } = projections
    const ledger = createLedger()
    const external = { type: 'external', overdraftLimit: 'unlimited' } as const
    await projections.append(ledger.genesis(), ledger.claim(), ledger.open('cash', external), ledger.open('ada'))
    for (let count = 0; count < payments; count += 1) await projections.append(ledger.pay([['cash', 'ada', 100]]))
    const worker = projections.startWorker()
    const live = await reached(pool, 2 + payments)
    await worker.close()
    const changed = { ...projections, log: changedAt(projections.log, offset) }
    await assert.rejects(
      rebuild(changed, await beginRebuild(pool, projection, partitions), new AbortController().signal),
      error,
    )
    assert.equal(await liveSchema(pool), live)
    const left = await pool.query('select state from projection.version')
    assert.deepEqual(left.rows, [{ state: 'live' }])
  })
}
