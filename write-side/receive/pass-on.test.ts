import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { systemClock } from '@micropay/runtime/clock'
import { createHandClock } from '@micropay/runtime/hand-clock.fixture'
import type { ProblemError } from '@micropay/runtime/problem-error'
import { problemOf } from '@micropay/schemas/api/problem'
import type { FastifyRequest } from 'fastify'
import { createPassOn } from './pass-on.ts'
import type { Peers } from './route-commands.ts'

test('who waits for what becomes of a payment is waited for at its owner, and not much longer', async (context) => {
  const clock = createHandClock()
  const asked: ServerResponse[] = []
  const owner = createServer((_, response) => void asked.push(response))
  context.after(() => owner.close().closeAllConnections())
  await once(owner.listen(0, '127.0.0.1'), 'listening')
  const url = `http://127.0.0.1:${(owner.address() as AddressInfo).port}`
  const peers = {
    clock,
    ownerOf: () => ({ workerId: 'two', url, isOurs: false }),
    viewChanged: () => systemClock.sleep(5),
    lookAgain: () => {},
  } as unknown as Peers
  const passOn = createPassOn(peers, 'one')
  const request = { headers: { prefer: 'wait=12' }, url: '/v1/payments' } as unknown as FastifyRequest
  const ask = async () => {
    const answer = passOn.ask(request, 0, '{}')
    answer.catch(() => undefined)
    while (asked.length === 0) await systemClock.sleep(5)
    return { answer, response: asked.shift() as ServerResponse }
  }
  const answered = await ask()
  clock.advance(12_000)
  await systemClock.sleep(50)
  answered.response.writeHead(202).end('{}')
  assert.equal((await answered.answer).status, 202)

  const late = await ask()
  clock.advance(22_000)
  await assert.rejects(late.answer, /the owner did not answer in time/)
})

for (const [status, code, then] of [
  [429, 'rate_limited', 201],
  [503, 'overloaded', 201],
  [401, 'unauthenticated', 'outcome_unknown'],
  [503, 'ledger_stopped', 'outcome_unknown'],
] as const) {
  test(`what may have counted is not told to have left nothing by who answers ${code} then`, async (context) => {
    let asked = 0
    const owner = createServer((request, response) => {
      asked += 1
      if (asked === 1) return request.socket.destroy()
      if (asked === 2) return response.writeHead(status).end(JSON.stringify(problemOf(code, 'not now')))
      return response.writeHead(201).end('{}')
    })
    context.after(() => owner.close().closeAllConnections())
    await once(owner.listen(0, '127.0.0.1'), 'listening')
    const url = `http://127.0.0.1:${(owner.address() as AddressInfo).port}`
    const peers = {
      clock: systemClock,
      ownerOf: () => ({ workerId: 'two', url, isOurs: false }),
      viewChanged: () => systemClock.sleep(5),
      lookAgain: () => {},
    } as unknown as Peers
    const request = { headers: {}, url: '/v1/payments' } as unknown as FastifyRequest
    const passed = await createPassOn(peers, 'one')
      .ask(request, 0, '{}')
      .catch((error: ProblemError) => error.code)
    assert.equal(typeof passed === 'string' ? passed : passed.status, then)
  })
}
