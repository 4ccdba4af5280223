import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLedger } from '@micropay/event-log/ledger.fixture'
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
}
