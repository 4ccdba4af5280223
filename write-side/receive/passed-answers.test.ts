import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '@micropay/runtime/clock'
import { problemOf } from '@micropay/schemas/api/problem'
import type { Position } from '@micropay/schemas/position'
import Fastify, { type FastifyRequest } from 'fastify'
import type { CommandRequest, CommandResult } from '../handle/command.ts'
import { answerElsewhere, type Passed, type PassOn } from './pass-on.ts'
import { submitterFor } from './pass-on-batch.ts'
import { ElsewhereError } from './route-commands.ts'
import type { ReceiveDependencies } from './submit.ts'

/** Another worker that answers so, whatever it is asked. */
function answering(status: number, body: object, headers: Record<string, string> = {}): PassOn {
  const passed: Passed = { status, headers: new Headers(headers), body: JSON.stringify(body) }
  return { ask: async () => passed, clock: systemClock }
}

const position: Position = { partition: 0, seq: 7 }
const underWay = { status: 'pending' } as Extract<CommandResult, { kind: 'accepted' }>['answer']
const known: CommandResult = { kind: 'accepted', position, replayed: false, movedOn: true, answer: underWay }

for (const [title, passedOn, told] of [
  ['whose token has expired meanwhile', answering(401, problemOf('unauthenticated', 'it has expired')), 202],
  ['who asks too often', answering(429, problemOf('rate_limited', 'wait')), 202],
  ['of whom it is decided', answering(201, { status: 'posted' }, { position: '0:9' }), 201],
  ['who is rejected', answering(422, problemOf('insufficient_funds', 'no'), { position: '0:9' }), 422],
] as const) {
  test(`what stands in the ledger is told as it is there to one ${title}`, async () => {
    const app = Fastify()
    app.post('/', (request, reply) => answerElsewhere(passedOn, new ElsewhereError(0, known), request, reply))
    app.addHook('onRequest', async (request) => {
      Object.assign(request, { sentBody: Buffer.from('{}') })
    })
    const answer = await app.inject({ method: 'POST', url: '/', payload: {} })
    assert.equal(answer.statusCode, told)
    await app.close()
  })
}

test('who has to confirm a payment of a batch that another worker decides is told what', async () => {
  const confirm = [
    { type: 'micropay_payment', identifier: 'key', payee: 'ben', amount: '6000.00', currency: 'EUR' } as const,
  ]
  const problem = problemOf('payment_not_confirmed', 'confirm it', { authorizationDetails: confirm })
  const results = [{ status: 401, idempotencyKey: 'key', replayed: false, position: null, problem }]
  const dependencies = {
    partitions: 1,
    passOn: answering(200, { results }),
    submit: async () => {
      throw new ElsewhereError(0, { kind: 'refused', code: 'not_owner', detail: '' })
    },
  } as unknown as ReceiveDependencies
  const submit = submitterFor(dependencies, { headers: {} } as FastifyRequest, 'payment')
  const command = { type: 'MakePayment', data: { postings: [{ from: 'ada', to: 'ben' }] } }
  const told = await submit({ command } as unknown as CommandRequest, {})
  assert.deepEqual(told.kind === 'refused' && told.confirm, confirm)
})
