import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { createBalancer } from './balancer.ts'

test('of a gateway that is gone each request goes to the next one, however many there are at once', async (context) => {
  const [gone, lives] = [await listening(), await listening()]
  context.after(() => lives.server.close().closeAllConnections())
  await new Promise((resolve) => gone.server.close(resolve))
  const balancer = createBalancer([gone.url, lives.url])
  const asked = Array.from({ length: 60 }, () => balancer.ask({ method: 'GET', path: '/', headers: {} }))
  const answers = await Promise.all(asked)
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]))
  assert.ok(answers.every(({ askedAgain }) => askedAgain <= 1))
})

async function listening() {
  const server = createServer((_request, answer) => answer.end('{}')).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}
