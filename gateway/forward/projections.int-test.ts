import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { freePort } from '@micropay/local/stores/free-port'
import { Traffic } from '@micropay/schemas/api/traffic'
import Fastify from 'fastify'
import { bearer, type GatewayUnderTest, problemCode, startGateway } from '../gateway-under-test.ts'
import { upstreamNames } from '../routes.ts'

describe('several projection services behind one path', { timeout: 60_000 }, () => {
  const audit = Fastify({ forceCloseConnections: true })
  const asked: string[] = []
  let gateway: GatewayUnderTest
  let sam: Record<string, string>
  before(async () => {
    audit.get('/prefix/v1/projections', (request) => {
      asked.push(`${request.headers.authorization?.slice(0, 7)}${request.url}`)
      return { items: [{ service: 'audit', added: 'by a newer service' }] }
    })
    audit.post('/prefix/v1/projections/audit/rebuild', (_request, reply) =>
      reply.code(202).send({ schema: 'audit_v1_2' }),
    )
    const auditUrl = await audit.listen({ host: '127.0.0.1', port: 0 })
    const projections = [
      ['audit', `${auditUrl}/prefix`],
      ['reconciliation', `http://127.0.0.1:${await freePort()}`],
    ] as const
    gateway = await startGateway({ projections })
    sam = await bearer(gateway.issuer.url, 'sam')
  })
  after(async () => {
    await gateway.close()
    await audit.close()
  })

  test('the list holds what answers, as it is, and names who does not', async () => {
    const answer = await fetch(`${gateway.url}/v1/projections`, { headers: sam })
    assert.equal(answer.status, 200)
    assert.deepEqual(await answer.json(), {
      items: [{ service: 'audit', added: 'by a newer service' }],
      unreachable: [{ service: 'reconciliation', reason: 'does not answer' }],
    })
    assert.deepEqual(asked, ['Bearer /prefix/v1/projections'])
  })

  test('a rebuild goes to the service that it names, and to nobody when there is none of that name', async () => {
    const post = (service: string) =>
      fetch(`${gateway.url}/v1/projections/${service}/rebuild`, { method: 'POST', headers: sam })
    assert.deepEqual(await (await post('audit')).json(), { schema: 'audit_v1_2' })
    assert.equal((await post('reconciliation')).status, 502)
    const unknown = await post('ledger')
    assert.equal(unknown.status, 404)
    assert.equal(await problemCode(unknown), 'not_found')
    assert.equal(gateway.seen.length, 0)
  })

  test('the traffic names every service, with how it answers', async () => {
    const { upstreams } = Traffic.parse(await (await fetch(`${gateway.url}/v1/traffic`, { headers: sam })).json())
    const named = upstreams.map(({ name, status }) => [name, status])
    assert.deepEqual(named, [
      ...upstreamNames.map((name) => [name, 'ready']),
      ['projections/audit', 'not ready'],
      ['projections/reconciliation', 'not ready'],
    ])
    const [auditTraffic] = upstreams.filter(({ name }) => name === 'projections/audit')
    assert.ok((auditTraffic?.latencyMs?.p99 ?? 0) > 0, 'its rebuild was answered')
  })
})
