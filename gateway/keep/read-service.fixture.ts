import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { FastifyInstance } from 'fastify'
import { bearer, problemCode, type Settings, startGateway } from '../gateway-under-test.ts'

/** What the service behind does: its answers reflect `position`, while it is there. */
export type Behind = { reads: 'answer' | 'break off' | number; freezes: string; position: string; balance: string }

export const account = '/v1/accounts/ada:main'
export const fresh = async (answer: Response) => {
  assert.deepEqual([answer.status, answer.headers.get('cache-status')], [200, null])
  return answer.json()
}
export const kept = async (answer: Response) => {
  assert.deepEqual([answer.status, answer.headers.get('stale')], [200, 'true'])
  assert.match(answer.headers.get('cache-status') ?? '', /^micropay; hit; detail=[a-z0-9_]+$/)
  return answer.json()
}
export const isNothing = async (answer: Response) => {
  assert.match(await problemCode(answer), /^upstream_(unavailable|away)$|^projection_behind$/)
}

/** A gateway before a service that a test lets go away. */
export async function started(context: TestContext, settings: Settings = {}) {
  const behind: Behind = { reads: 'answer', freezes: '201 0:9', position: '0:7', balance: '100' }
  const addRoutes = (service: FastifyInstance) => {
    service.addHook('onRequest', async (request, reply) => {
      if (request.method !== 'GET' || !request.url.startsWith('/v1/')) return
      if (behind.reads === 'break off') request.raw.destroy()
      else if (behind.reads === 'answer') reply.headers({ position: behind.position, age: '2', behind: '1.5' })
      else reply.code(behind.reads).type('application/problem+json')
      if (typeof behind.reads === 'number') {
        return reply.send({
          code: behind.reads === 503 ? 'projection_behind' : 'not_found',
          status: behind.reads,
          detail: '',
        })
      }
    })
    service.get('/v1/accounts/:accountId', async () => ({ balance: behind.balance }))
    service.get('/v1/accounts/:accountId/entries', async () => ({ text: 'x'.repeat(70_000) }))
    for (const path of ['/v1/accounts/:accountId/freeze', '/v1/approvals/:proposalId/approve']) {
      service.post(path, (request, reply) => {
        const [code = '', position, bytes] = behind.freezes.split(' ')
        if (code === 'break-off') return request.raw.destroy()
        if (position !== undefined) reply.header('position', position)
        const outcome = code === '409' ? 'pending' : 'refused'
        return reply
          .code(Number(code))
          .send(Number(code) < 300 ? { text: 'x'.repeat(Number(bytes ?? 0)) } : { code: 'account_frozen', outcome })
      })
    }
  }
  const gateway = await startGateway(settings, addRoutes)
  context.after(() => gateway.close())
  const tokens = { ada: await bearer(gateway.issuer.url, 'ada'), ben: await bearer(gateway.issuer.url, 'ben') }
  const staff = await bearer(gateway.issuer.url, 'olga')
  const read = (path = account, headers: Record<string, string> = tokens.ada) =>
    fetch(`${gateway.url}${path}`, { headers })
  const post = (path: string, url = gateway.url) =>
    fetch(`${url}${path}`, { method: 'POST', headers: { ...staff, 'idempotency-key': 'key' }, body: '{}' })
  return { gateway, behind, read, post, tokens, staff }
}
