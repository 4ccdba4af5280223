import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { systemClock } from '@micropay/runtime/clock'
import { History } from '@micropay/schemas/api/history'
import Fastify from 'fastify'
import { bearer, type GatewayUnderTest, problemCode, startGateway } from '../gateway-under-test.ts'

const alertmanager = Fastify({ forceCloseConnections: true })
const asked: string[] = []
let isSilent = false
let gateway: GatewayUnderTest
before(async () => {
  alertmanager.get('/base/api/v2/alerts', async (request) => {
    asked.push(request.url)
    const alert = {
      labels: { alertname: 'ProjectionStopped', severity: 'page' },
      startsAt: '2026-03-01T09:00:00.5+01:00',
    }
    const script = { runbook_url: 'javascript:alert(1)' }
    return [
      // It always fires, and says that all is well.
      { ...alert, labels: { alertname: 'Watchdog', severity: 'none' } },
      { ...alert, annotations: { summary: 'accounts stands still', runbook_url: 'https://runbooks.example/stopped' } },
      { labels: {}, annotations: script, startsAt: 'at noon' },
      { ...alert, annotations: { runbook_url: 'docs/runbooks/service-down.md' } },
    ]
  })
  const alertmanagerUrl = `${await alertmanager.listen({ host: '127.0.0.1', port: 0 })}/base/`
  gateway = await startGateway({ historyEveryMs: 50, alertmanagerUrl }, (service) => {
    service.get('/vitals', async (_request, reply) => {
      if (isSilent) return reply.code(503).send({})
      const worker = { commitsPerSecond: 7, appendLatencyMs: { p50: 1, p99: 2 } }
      return { ...worker, appliedPerSecond: 6, lagRecords: 3, lagSeconds: 0.4 }
    })
    service.get('/v1/last-error', async (request, reply) => {
      if (request.headers.authorization === undefined) return reply.code(401).send({})
      return { lastError: { at: '2026-03-01T09:00:00.000Z', text: 'the log does not answer' } }
    })
  })
})
after(async () => {
  await gateway.close()
  await alertmanager.close()
})

async function history(): Promise<History> {
  const answer = await fetch(`${gateway.url}/v1/history`, { headers: await bearer(gateway.issuer.url, 'sam') })
  assert.equal(answer.status, 200)
  return History.parse(await answer.json())
}
async function until(isIt: (told: History) => boolean): Promise<History> {
  for (let tries = 0; tries < 100; tries += 1) {
    const told = await history()
    if (isIt(told)) return told
    await systemClock.sleep(50)
  }
  assert.fail(`it did not come about: ${JSON.stringify(await history())}`)
}

test('who watches the site is told what was seen, which error came last, and which alerts are active', {
  timeout: 60_000,
}, async () => {
  const { samples, errors, unreachable, alerts, alertsReason } = await until((told) => told.samples.length > 1)
  const { at: _, requestsPerSecond: __, ...figures } = samples.at(-1) ?? assert.fail('there is one')
  assert.deepEqual(figures, {
    ...{ failuresPerSecond: 0, commitsPerSecond: 7, appendLatencyMs: { p50: 1, p99: 2 }, appliedPerSecond: 6 },
    ...{ lagRecords: 3, lagSeconds: 0.4, lagAtLeast: false },
  })
  const services = ['gateway', 'write-side', 'accounts', 'audit', 'reconciliation', 'projections/accounts']
  assert.deepEqual(
    errors.map(({ service }) => service),
    services,
  )
  assert.equal(errors[1]?.lastError?.text, 'the log does not answer')
  assert.deepEqual(unreachable, [])
  assert.equal(asked[0], '/base/api/v2/alerts?active=true&silenced=false&inhibited=false')
  assert.deepEqual(alerts?.[0], {
    ...{ name: 'ProjectionStopped', severity: 'page', since: '2026-03-01T08:00:00.500Z' },
    ...{ summary: 'accounts stands still', runbook: 'https://runbooks.example/stopped' },
  })
  assert.deepEqual([alerts?.[1]?.name, alerts?.[1]?.runbook], ['an alert without a name', null])
  assert.equal(alerts?.[2]?.runbook, 'docs/runbooks/service-down.md')
  assert.deepEqual([alerts?.length, alertsReason], [3, null])
})

test('who does not say is missing in the figures', { timeout: 60_000 }, async () => {
  isSilent = true
  const { samples } = await until((told) => told.samples.at(-1)?.lagAtLeast === true)
  assert.deepEqual([samples.at(-1)?.commitsPerSecond, samples.at(-1)?.lagSeconds], [null, null])
})

test('an Alertmanager that does not answer is told, and hides nothing else', { timeout: 60_000 }, async () => {
  await alertmanager.close()
  const { alerts, alertsReason, errors } = await history()
  assert.deepEqual([alerts, alertsReason, errors.length], [null, 'Alertmanager does not answer', 6])
})

test('nobody else is told', { timeout: 60_000 }, async () => {
  const refused = await fetch(`${gateway.url}/v1/history`, { headers: await bearer(gateway.issuer.url, 'ada') })
  assert.deepEqual([refused.status, await problemCode(refused)], [403, 'forbidden'])
})
