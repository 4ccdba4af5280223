import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, test } from 'node:test'
import { createHandClock } from '../hand-clock.fixture.ts'
import { createLogger } from '../logger.ts'
import { parseExposition } from './exposition.fixture.ts'
import { measure } from './measure.ts'
import { openMetrics } from './open-metrics.ts'
import type { Metrics } from './told.ts'

const log = createLogger('test', 'silent')
const opened: (Metrics | undefined)[] = []
after(() => Promise.all(opened.map((metrics) => metrics?.close())))

async function open(port = 0): Promise<Metrics> {
  const metrics = await openMetrics({ METRICS_PORT: port, PORT: 1, HOST: '127.0.0.1' }, 'audit', log, {
    service: { endsAtMs: () => 1_800_000_000_000 },
  })
  opened.push(metrics)
  return metrics ?? assert.fail('it is measured')
}

test('nothing is measured without a port, and a port of the service is refused', async () => {
  const config = { METRICS_PORT: undefined, PORT: 8081, HOST: '127.0.0.1' }
  assert.equal(await openMetrics(config, 'audit', log, { service: undefined }), undefined)
  for (const taken of [{ PORT: 9_464 }, { HEALTH_PORT: 9_464 }]) {
    const opening = openMetrics({ ...config, ...taken, METRICS_PORT: 9_464 }, 'audit', log, { service: undefined })
    await assert.rejects(opening, /METRICS_PORT: 9464 is another port of it/)
  }
})

test('GET /metrics is all that is offered', async () => {
  const { url } = await open()
  const at = url() ?? ''
  const answer = await fetch(`${at}?collect[]=all`)
  assert.equal(answer.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8')
  const families = parseExposition(await answer.text())
  assert.equal(families.get('micropay_certificate_expiry_timestamp_seconds')?.samples[0]?.value, 1_800_000_000)
  assert.equal((await fetch(at, { method: 'POST' })).status, 404)
  assert.equal((await fetch(at.replace('/metrics', '/health/live'))).status, 404)
})

test('what was told once is told no more when it is gone', async () => {
  const metrics = await open()
  let sound: number | undefined = 1
  metrics.read((tell) => {
    if (sound !== undefined) tell('micropay_verification_sound', sound)
  })
  const told = async () => {
    const text = await (await fetch(metrics.url() ?? '')).text()
    return parseExposition(text).get('micropay_verification_sound')
  }
  assert.equal((await told())?.samples[0]?.value, 1)
  sound = undefined
  assert.equal(await told(), undefined)
})

test('a figure that cannot be read, or is another service’s, fails the scrape, which Prometheus sees', async () => {
  for (const name of ['micropay_verification_sound', 'micropay_imbalance_minor'] as const) {
    const metrics = await open()
    metrics.read((tell) => {
      if (name === 'micropay_imbalance_minor') tell(name, 0, { currency: 'EUR' })
      else throw new RangeError('a bug')
    })
    assert.equal((await fetch(metrics.url() ?? '')).status, 500, name)
  }
})

test('a port that somebody has is in nobody’s way: it is had once it is free, and said until then', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo
  const clock = createHandClock()
  const metrics = await measure({ service: 'audit', port, host: '127.0.0.1', clock, log })
  opened.push(metrics)
  assert.equal(metrics.url(), undefined)
  assert.match(metrics.trouble() ?? '', new RegExp(`METRICS_PORT ${port}: .*EADDRINUSE`))
  other.close()
  await once(other, 'close')
  clock.advance(5_000)
  while (metrics.trouble() !== undefined) await clock.turn()
  assert.equal((await fetch(metrics.url() ?? '')).status, 200)
})
