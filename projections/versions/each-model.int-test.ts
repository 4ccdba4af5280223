import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createPartitions, idOn } from '@micropay/event-log/across.fixture'
import { createLedger } from '@micropay/event-log/ledger.fixture'
import { inTransaction } from '@micropay/runtime/transaction'
import { everyProjection } from './every-projection.fixture.ts'
import { startProjections } from './projections.fixture.ts'
import { beginRebuild, catchingUp, followTo, rebuild } from './rebuild.ts'
import { rowsOf } from './test-database.fixture.ts'
import { prepareVersions } from './versions.ts'

const external = { type: 'external', overdraftLimit: 'unlimited' } as const

for (const projection of everyProjection) {
  for (const payments of [0, 1, 200, 201, 700]) {
    test(`${projection.name}: a rebuild of ${payments} payments beside an idle partition gives the rows that following live gave`, async () => {
      const projections = await startProjections(2)
      const { pool, log } = projections
      const [busy, idle] = [createLedger(0, 2), createLedger(1, 2)]
      await projections.append(busy.genesis(), busy.claim(), busy.open('cash', external), busy.open('ada'))
      const paid = Array.from({ length: payments }, (_, index) =>
        busy.pay([['cash', 'ada', index + 1]], {
          effectiveAt: new Date(Date.UTC(2026, index % 12, 28) + index * 440_000).toISOString(),
          metadata: index % 3 === 0 ? { operation: 'rent', purpose: `p${index % 2}` } : {},
        }),
      )
      if (paid.length > 0) await projections.append(...paid)
      const appender = await log.openAppender(1)
      await appender.append([idle.genesis(), idle.claim()])
      await appender.close()
      const live = await prepareVersions(pool, projection, 2)
      const source = { ...projections, projection }
      const ends = [await log.end(0), await log.end(1)]
      const { signal } = new AbortController()
      await followTo(source, live.schema, ends, { ...catchingUp, records: 1 }, signal)
      const rebuilt = await beginRebuild(pool, projection, 2)
      await rebuild(source, rebuilt, signal)
      assert.deepEqual(await rowsOf(pool, rebuilt), await rowsOf(pool, live.schema))
      await projections.close()
    })
  }

  test(`${projection.name}: a rebuild between partitions gives the rows that following live gave`, async () => {
    const projections = await startProjections(3)
    const { pool, log } = projections
    for (const [partition, records] of between().entries()) {
      const appender = await log.openAppender(partition)
      await appender.append(records)
      await appender.close()
    }
    const live = await prepareVersions(pool, projection, 3)
    const source = { ...projections, partitions: 3, projection }
    const ends = await Promise.all([0, 1, 2].map((partition) => log.end(partition)))
    const { signal } = new AbortController()
    await followTo(source, live.schema, ends, { ...catchingUp, records: 1 }, signal)
    const rebuilt = await beginRebuild(pool, projection, 3)
    await rebuild(source, rebuilt, signal)
    // A writer begins with what the one before it has left to do.
    for (const partition of [0, 1, 2]) {
      const left = projection.openWriter(live.schema, partition).take()
      await inTransaction(pool, (client) => left.write(client))
    }
    assert.deepEqual(await rowsOf(pool, rebuilt), await rowsOf(pool, live.schema))
    await projections.close()
  })
}

/** The records of three partitions: of the payments between them some are posted, some failed and some under way. */
function between() {
  const ledger = createPartitions(3)
  const accounts = [0, 1, 2].map((partition) => idOn(partition, 3, 'ada'))
  for (const account of accounts) ledger.open(account)
  for (let index = 0; index < 60; index += 1) {
    const [from = '', to = ''] = [accounts[index % 3], accounts[(index + 1) % 3]]
    const reference = index % 2 ? `INV-${index}` : undefined
    const effectiveAt = new Date(Date.UTC(2026, index % 12, 28) + index * 440_000).toISOString()
    const payment = ledger.begin(
      [
        [from, -index - 1],
        [to, index + 1],
      ],
      { effectiveAt, ...(reference ? { reference, metadata: { operation: 'rent' } } : {}) },
    )
    const [other = 0] = payment.participants
    if (index % 4 > 0) payment.prepare(other)
    if (index % 4 === 2) payment.complete()
    if (index % 4 === 2 && index % 8 !== 2) payment.post(other)
    if (index % 4 === 3) payment.fail()
    if (index % 8 === 6) payment.end()
  }
  return ledger.records
}
