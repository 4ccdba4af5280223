import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { systemClock as clock } from '@micropay/runtime/clock'
import { portOf } from '../stores/free-port.ts'
import type { AlertNotice } from './alert-notices.ts'
import { observersForTests } from './find-observers.ts'
import { startObservers } from './start-observers.ts'

const directory = await mkdtemp(join(tmpdir(), 'micropay-observe-'))
after(() => rm(directory, { recursive: true, force: true }))

test('a projection that stops is told of by a real Alertmanager with its page, and so is that it goes on', async () => {
  let isStopped = 1
  const service = createServer((_request, reply) =>
    reply
      .setHeader('content-type', 'text/plain; version=0.0.4')
      .end(`micropay_projection_stopped{projection="accounts",partition="0"} ${isStopped}\n`),
  )
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve))
  const address = `127.0.0.1:${portOf(service)}`
  const told: AlertNotice[] = []
  after(() => {
    service.close()
    service.closeAllConnections()
  })
  const observing = await startObservers({
    ...{ programs: observersForTests(), directory, clock, hurried: true, log: () => undefined },
    targets: [{ job: 'accounts-projection', address }],
    told: (notice) => void told.push(notice),
  })
  try {
    const of = (status: string) =>
      told.find((each) => each.labels.alertname === 'ProjectionStopped' && each.status === status)
    await until(() => of('firing') !== undefined)
    const { labels, annotations } = of('firing') ?? assert.fail()
    assert.deepEqual(labels, {
      ...{ alertname: 'ProjectionStopped', severity: 'page', service: 'accounts-projection' },
      ...{ job: 'accounts-projection', projection: 'accounts', partition: '0' },
    })
    assert.equal(annotations.summary, 'The projection accounts has stopped on partition 0')
    const page = await readFile(join(import.meta.dirname, '..', '..', '..', annotations.runbook_url ?? ''), 'utf8')
    assert.match(page, /^# ProjectionStopped\n/)
    isStopped = 0
    await until(() => of('resolved') !== undefined)
  } finally {
    await observing.stop()
  }
  await assert.rejects(fetch(observing.prometheus), 'it has ended')
  await assert.rejects(fetch(observing.alertmanager), 'it has ended')
})

test('a configuration that Prometheus does not take is said, and nothing is left running', async () => {
  const programs = { ...observersForTests(), prometheus: observersForTests().promtool }
  const options = { programs, directory, clock, targets: [], log: () => undefined, told: () => undefined }
  await assert.rejects(startObservers(options), /the process ended with code/)
})

async function until(isSo: () => boolean): Promise<void> {
  const untilMs = clock.monotonicMs() + 45_000
  while (!isSo()) {
    assert.ok(clock.monotonicMs() < untilMs, 'within 45 s')
    await clock.sleep(50)
  }
}
