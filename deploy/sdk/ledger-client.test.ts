import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { afterEach, test } from 'node:test'
import { type Clock, systemClock } from '@micropay/runtime/clock'
import { problemOf as problem } from '@micropay/schemas/api/problem'
import type { ImportedRow } from './import-source.ts'
import { connectLedger, LedgerUnavailableError } from './ledger-client.ts'
import { openAccounts } from './open-accounts.ts'
import { sendPayments } from './send-payments.ts'

type Handler = (body: string, response: ServerResponse, request: IncomingMessage) => void
const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

/** Time passes only by sleeping, so a test knows how long was waited. */
function countingClock() {
  const slept: number[] = []
  let now = 0
  const clock: Clock = {
    ...systemClock,
    nowMs: () => now,
    monotonicMs: () => now,
    sleep: async (durationMs) => {
      slept.push(durationMs)
      now += durationMs
      return true
    },
    randomId: () => 'id',
  }
  return { clock, slept }
}

/** A client of a real HTTP server that answers request by request as given, and then by the last. */
async function serving(...handlers: Handler[]) {
  const bodies: string[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += String(chunk)
    })
    request.on('end', () => {
      bodies.push(body)
      const handler = handlers.length > 1 ? handlers.shift() : handlers[0]
      handler?.(body, response, request)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  assert.ok(address && typeof address === 'object')
  const { clock, slept } = countingClock()
  const waits: string[] = []
  const url = `http://127.0.0.1:${address.port}`
  const accessToken = async () => 'token'
  const ledger = connectLedger({ url, accessToken, patienceMs: 60_000, onWait: (reason) => waits.push(reason), clock })
  closing.push(
    () => ledger.close(),
    () => new Promise((resolve) => server.close(resolve)),
  )
  return { ledger, bodies, slept, waits, clock }
}

const answer =
  (status: number, body: unknown, headers: Record<string, string> = {}): Handler =>
  (_body, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
  }
const ok = answer(200, { ok: true })
const cut: Handler = (_body, response) => response.destroy()
const post = { method: 'POST', path: '/v1/payments', body: '{"a":1}' } as const

test('503, 504 and a lost connection are tried again with the same bytes, after Retry-After', async () => {
  const busy = answer(503, problem('overloaded', 'wait'), { 'retry-after': '2' })
  const unknown = answer(504, problem('outcome_unknown', 'ask again'))
  const { ledger, bodies, slept, waits } = await serving(busy, unknown, cut, ok)
  assert.equal((await ledger.send(post)).status, 200)
  assert.deepEqual(bodies, ['{"a":1}', '{"a":1}', '{"a":1}', '{"a":1}'])
  assert.equal(slept[0], 2000)
  assert.ok(waits[0]?.startsWith('503 overloaded'))
  assert.ok(waits[2]?.startsWith('the connection failed'))
})

test('a command that is still under way is asked for again, and other conflicts are answers', async () => {
  const first = await serving(answer(409, problem('idempotency_key_in_flight', 'wait')), ok)
  assert.equal((await first.ledger.send(post)).status, 200)
  const second = await serving(answer(409, problem('account_exists', 'choose another id')))
  assert.equal((await second.ledger.send(post)).status, 409)
  assert.equal(second.bodies.length, 1)
})

test('patience has an end, and it says what was last heard', async () => {
  const { ledger, slept } = await serving(answer(503, problem('not_owner', 'nobody owns it')))
  await assert.rejects(
    ledger.send(post),
    (error) => error instanceof LedgerUnavailableError && /for 60 s: 503 not_owner: nobody owns it/.test(error.message),
  )
  assert.ok(slept.reduce((sum, pause) => sum + pause, 0) <= 60_000)
})

test('what may have counted is asked again by its kind, whatever its status; a stopped ledger is not', async () => {
  const first = await serving(answer(500, problem('internal', 'our fault')), answer(502, '<html>'), ok)
  assert.equal((await first.ledger.send(post)).status, 200)
  const second = await serving(answer(503, problem('ledger_stopped', 'stopped: chain broken at 0:7')))
  assert.equal((await second.ledger.send(post)).status, 503)
  const third = await serving(answer(500, problem('decision_failed', 'our fault')))
  assert.equal((await third.ledger.send(post)).status, 500)
  assert.deepEqual([second.bodies.length, third.bodies.length], [1, 1])
})

test('an unknown outcome stays unknown, whatever a retry is turned away with', async () => {
  const unknown = answer(504, problem('outcome_unknown', 'ask again'))
  const expired = answer(401, problem('unauthenticated', 'get a new token'))
  const first = await serving(unknown, expired)
  assert.equal((await first.ledger.send(post)).mayHaveCounted, true)
  const second = await serving(answer(503, problem('overloaded', 'wait')), expired)
  assert.equal((await second.ledger.send(post)).mayHaveCounted, false)
  const third = await serving(unknown, answer(503, problem('overloaded', 'wait')))
  await assert.rejects(third.ledger.send(post), /with the same keys nothing happens twice/)
  const fourth = await serving(answer(503, problem('overloaded', 'wait')))
  await assert.rejects(fourth.ledger.send(post), (error: Error) => !/happens twice/.test(error.message))
})

async function* rowsOf(count: number): AsyncGenerator<ImportedRow> {
  for (let index = 0; index < count; index += 1) {
    const posting = { from: 'a', to: 'b', amount: '1', currency: 'EUR' }
    yield { line: index + 2, payment: { idempotencyKey: `k${index}`, postings: [posting] } }
  }
}
const posted = (position: string, replayed = false) => ({ status: 201, replayed, position, payment: {} })

test('a batch of which one item has no outcome yet is sent again whole, and each item counts once', async () => {
  const unknown = { status: 504, replayed: false, position: null, problem: problem('outcome_unknown', 'ask again') }
  const refused = { status: 422, replayed: true, position: '0:8', problem: problem('insufficient_funds', 'too little') }
  const { ledger, bodies, clock } = await serving(
    answer(200, { results: [posted('0:7'), unknown, posted('0:9')] }),
    answer(200, { results: [posted('0:7', true), refused, posted('0:9', true)] }),
  )
  const silent = () => {}
  const outcome = await sendPayments(rowsOf(3), {
    ...{ ledger, clock, batchSize: 3, patienceMs: 1000, onBatch: silent, onWait: silent },
  })
  assert.equal(bodies.length, 2)
  assert.equal(bodies[0], bodies[1])
  assert.equal(outcome.posted, 2)
  assert.deepEqual(outcome.refused, [{ line: 3, key: 'k1', reason: '422 insufficient_funds: too little' }])
  assert.deepEqual([...outcome.positions], [[0, 9]])
})

test('a batch of which an item stays in flight is given up when the patience is at its end', async () => {
  const taken = { status: 409, replayed: false, position: null, problem: problem('idempotency_key_in_flight', 'wait') }
  const { ledger, clock, slept } = await serving(answer(200, { results: [posted('0:7'), taken] }))
  const sending = sendPayments(rowsOf(2), {
    ...{ ledger, clock, batchSize: 2, patienceMs: 5_000, onBatch: () => {}, onWait: () => {} },
  })
  await assert.rejects(sending, (error) => error instanceof LedgerUnavailableError && /in_flight/.test(error.message))
  assert.ok(slept.reduce((sum, pause) => sum + pause, 0) <= 6_000)
})

test('a batch that meets a stopped ledger is given up at once, and says why and what may have counted', async () => {
  const stopped = {
    status: 503,
    replayed: false,
    position: null,
    problem: problem('ledger_stopped', 'stopped: a fork'),
  }
  const unknown = { status: 504, replayed: false, position: null, problem: problem('outcome_unknown', 'ask again') }
  const { ledger, clock, slept } = await serving(answer(200, { results: [unknown, stopped] }))
  const sending = sendPayments(rowsOf(2), {
    ...{ ledger, clock, batchSize: 2, patienceMs: 5_000, onBatch: () => {}, onWait: () => {} },
  })
  await assert.rejects(sending, /503 ledger_stopped: stopped: a fork\. What was sent last may have counted/)
  assert.deepEqual(slept, [])
})

test('a row that a retry is told nothing of says that an earlier try may have counted', async () => {
  const unknown = { status: 504, replayed: false, position: null, problem: problem('outcome_unknown', 'ask again') }
  const failed = { status: 500, replayed: false, position: null, problem: problem('decision_failed', 'our fault') }
  const { ledger, clock } = await serving(
    answer(200, { results: [posted('0:7'), unknown, failed] }),
    answer(200, { results: [posted('0:7', true), failed, failed] }),
  )
  const { refused } = await sendPayments(rowsOf(3), {
    ...{ ledger, clock, batchSize: 3, patienceMs: 5_000, onBatch: () => {}, onWait: () => {} },
  })
  assert.deepEqual(
    refused.map(({ reason }) => /an earlier try may have counted/.test(reason)),
    [true, false],
  )
})

test('a row whose key an earlier row has counts as replayed', async () => {
  const { ledger, clock } = await serving(answer(200, { results: [posted('0:7'), posted('0:7', true)] }))
  const { posted: all, replayed } = await sendPayments(rowsOf(2), {
    ...{ ledger, clock, batchSize: 2, patienceMs: 5_000, onBatch: () => {}, onWait: () => {} },
  })
  assert.deepEqual([all, replayed], [2, 1])
})

test('a row that waits for a second person is not posted, told so for the first time or again', async () => {
  const waits = (replayed: boolean) => ({ status: 202, replayed, position: '0:8', proposal: { proposalId: 'prp-0-8' } })
  const { ledger, clock } = await serving(answer(200, { results: [posted('0:7'), waits(false), waits(true)] }))
  const {
    posted: all,
    replayed,
    waiting,
  } = await sendPayments(rowsOf(3), {
    ...{ ledger, clock, batchSize: 3, patienceMs: 5_000, onBatch: () => {}, onWait: () => {} },
  })
  assert.deepEqual([all, replayed, waiting], [1, 0, 2])
})

test('an account whose opening needs a second person says so, and is there once it was approved', async () => {
  const account = { accountId: 'berka:1', type: 'customer', currency: 'CZK', owner: 'customer:1' } as const
  const waits = answer(202, { proposalId: 'prp-0-8', status: 'open' })
  const before = await serving(waits, answer(404, problem('not_found', 'there is none')))
  await assert.rejects(
    openAccounts(before.ledger, [account], () => {}),
    /berka:1 needs a second person: have its opening approved, and run it again/,
  )
  const after = await serving(waits, answer(200, account))
  assert.deepEqual(await openAccounts(after.ledger, [account], () => {}), { opened: 0, replayed: 1 })
})

test('batches go out in the order of the rows, the last one with what is left', async () => {
  let seq = 0
  const take: Handler = (body, response, request) => {
    const { payments } = JSON.parse(body)
    const results = payments.map((_: unknown, index: number) => posted(`0:${seq + index + 1}`))
    seq += results.length
    answer(200, { results })(body, response, request)
  }
  const { ledger, bodies, clock } = await serving(take)
  const done: number[] = []
  const outcome = await sendPayments(rowsOf(5), {
    ...{ ledger, clock, batchSize: 2, patienceMs: 1000, onBatch: (count) => done.push(count), onWait: () => {} },
  })
  assert.deepEqual(
    bodies.map((body) =>
      JSON.parse(body).payments.map((payment: { idempotencyKey: string }) => payment.idempotencyKey),
    ),
    [['k0', 'k1'], ['k2', 'k3'], ['k4']],
  )
  assert.deepEqual(done, [2, 4, 5])
  assert.equal(outcome.posted, 5)
})
