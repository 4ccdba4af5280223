import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import { openTracing } from '@micropay/runtime/telemetry/tracing'
import { tracingEnvironment } from '@micropay/runtime/telemetry/tracing-environment'
import { makeTestDatabase } from '@micropay/runtime/test-database.fixture'
import { z } from 'zod'
import type { LogRecord } from '../event-log.ts'
import { numbered } from '../fresh-log.fixture.ts'
import { openPostgresLog } from './event-log.ts'

const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
const log = createLogger('test', 'silent')

for (const partitions of [1, 3]) {
  test(`who waits at the end of a partition of ${partitions} is told the traces of what comes`, async () => {
    const receiver = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' }
    const tracing = await openTracing(z.object(tracingEnvironment).parse(receiver), 'test', log)
    await using database = await makeTestDatabase()
    const eventLog = openPostgresLog({ url: database.url, clock: systemClock, log })
    await eventLog.prepare(partitions)
    const partition = partitions - 1
    const appender = await eventLog.openAppender(partition)
    await appender.append(numbered('before', 3))
    const gone = new AbortController()
    const batches = eventLog.read(partition, 3n, { signal: gone.signal })[Symbol.asyncIterator]()
    const next = batches.next()
    // It listens, and has found nothing: whoever wakes it has told the traces before.
    await systemClock.sleep(500)
    const traced = numbered('traced', 3).map((each, index) => (index === 0 ? each : { ...each, traceparent }))
    await appender.append(traced)
    const { value } = await next
    const records: readonly LogRecord[] = value ?? []
    assert.deepEqual(
      records.map((record) => [record.offset, record.traceparent]),
      [
        [3n, undefined],
        [4n, traceparent],
        [5n, traceparent],
      ],
    )
    assert.deepEqual(
      records.map(({ value }) => Buffer.from(value)),
      traced.map(({ value }) => Buffer.from(value)),
    )
    gone.abort()
    await batches.return?.()
    await appender.close()
    await Promise.all([eventLog.close(), tracing.close()])
  })
}
