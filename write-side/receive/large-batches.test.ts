import assert from 'node:assert/strict'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { after, before, describe, test } from 'node:test'
import { createMemoryStore, openMemoryLog } from '@micropay/event-log/memory/event-log'
import type { Http } from '@micropay/runtime/http'
import { createLogger } from '@micropay/runtime/logger'
import type { Caller, Scope } from '@micropay/schemas/api/token'
import { OwnerId } from '@micropay/schemas/identifiers'
import { startOwner, stopOwner, type TestOwner } from '../handle/owner.fixture.ts'
import { buildCommandApp } from './build-app.ts'

const posting = { from: 'cash', to: 'ben', amount: '100', currency: 'EUR' }
const items = (count: number, item: (index: number) => unknown) =>
  JSON.stringify({ payments: Array.from({ length: count }, (_, index) => item(index)) })
const filling = { reference: 'x'.repeat(140), metadata: { text: 'y'.repeat(450), more: 'z'.repeat(400) } }

/** What one customer sends, and what it is answered; at the end it is most of a body that may have 16 MiB. */
const attacks: readonly (readonly [string, () => string, string])[] = [
  ['8 million open brackets', () => `{"payments":${'['.repeat(8_000_000)}${']'.repeat(8_000_000)}}`, 'invalid_request'],
  ['5 million empty items', () => `{"payments":[${'[],'.repeat(5_000_000)}[]]}`, 'invalid_request'],
  ['an item of 15 MiB', () => `{"payments":["${'x'.repeat(15_000_000)}"]}`, 'invalid_request'],
  ['an item with a million members', () => `{"payments":[{${'"a":0,'.repeat(1_000_000)}"a":0}]}`, 'invalid_request'],
  ['15 MiB of blanks', () => `{"payments":[${' '.repeat(15_000_000)}]}`, 'invalid_request'],
  ['15 MiB that are nothing', () => 'x'.repeat(15_000_000), 'invalid_request'],
  ['10,000 items that say nothing', () => items(10_000, () => ({ a: 'x'.repeat(1_400) })), '200'],
  ['10,000 payments that are refused', () => items(10_000, (index) => large(`r${index}`, '900000')), '200'],
  ['10,000 payments', () => items(10_000, (index) => large(`g${index}`, '1')), '200'],
]
const large = (idempotencyKey: string, amount: string) => ({
  ...{ idempotencyKey, ...filling },
  postings: [{ ...posting, from: 'ada', amount }],
})

describe('a large batch of one caller', { timeout: 60_000 }, () => {
  let owner: TestOwner
  let app: Http
  let port = 0
  before(async () => {
    const eventLog = openMemoryLog(createMemoryStore())
    await eventLog.prepare(1)
    owner = startOwner(eventLog)
    app = await buildCommandApp({
      ...{ owners: [owner], requestHashKey: 'a key', verifyToken, log: createLogger('test', 'silent') },
    })
    port = Number(new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port)
    for (const [accountId, type] of [
      ['ada', 'customer'],
      ['ben', 'customer'],
      ['cash', 'external'],
    ]) {
      const body = JSON.stringify({ accountId, type, owner: `customer:${accountId}`, currency: 'EUR' })
      assert.equal((await answerTo(send('/v1/accounts', 'olga', body, `open-${accountId}`))).status, 201)
    }
    const deposit = { postings: [{ ...posting, to: 'ada', amount: '100000' }] }
    assert.equal((await answerTo(send('/v1/payments', 'olga', JSON.stringify(deposit), 'deposit'))).status, 201)
  })
  after(async () => {
    app.server.closeAllConnections()
    await app.close()
    await stopOwner(owner)
  })

  function send(path: string, authorization: string, body: string, key: string): ClientRequest {
    const headers = { authorization, 'content-type': 'application/json', 'idempotency-key': key }
    const sent = request({ host: '127.0.0.1', port, method: 'POST', path, headers, agent: false })
    sent.end(body)
    return sent
  }

  async function attacked(body: string, attack: string) {
    let isOver = false
    const sent = send('/v1/payments/batch', 'ada', body, 'none')
    const loop = watchLoop()
    sent.once('response', loop.stop)
    const batch = answerTo(sent).finally(() => {
      isOver = true
    })
    let decided = 0
    for (; !isOver || decided === 0; decided += 1) {
      const payment = send('/v1/payments', 'olga', JSON.stringify({ postings: [posting] }), `of-${attack}-${decided}`)
      assert.equal((await answerTo(payment)).status, 201)
    }
    return { ...(await batch), measured: loop.measured(), decided }
  }

  for (const [attack, [what, bodyOf, answered]] of attacks.entries()) {
    test(`${what}: payments of others are decided meanwhile, again and again`, async () => {
      const body = bodyOf()
      // A turn of the garbage collector may fall into one piece of work, and not into each of three times.
      let shares: number[] = []
      for (let times = 0; times < 3 && !shares.some((share) => share < 0.1); times += 1) {
        const { status, code, measured, decided } = await attacked(body, `${attack}-${times}`)
        assert.equal(code ?? String(status), answered)
        if (answered !== '200') return
        assert.ok(decided >= 10, `${decided} payments were decided meanwhile`)
        shares = [...shares, measured.longest / measured.all]
      }
      assert.ok((shares.at(-1) ?? 1) < 0.1, `one piece of work took ${shares.join(', ')} of the processor's time`)
    })
  }
})

/** How much of the processor this thread took between two turns of its loop, at most, and in all. */
function watchLoop() {
  const cpu = () => {
    const { user, system } = process.threadCpuUsage()
    return user + system
  }
  const startedAt = cpu()
  let isWatching = true
  let before = startedAt
  let longest = 0
  const turn = () => {
    const now = cpu()
    longest = Math.max(longest, now - before)
    before = now
    if (isWatching) setImmediate(turn)
  }
  setImmediate(turn)
  return {
    stop() {
      isWatching = false
    },
    measured: () => ({ longest, all: before - startedAt }),
  }
}

async function answerTo(sent: ClientRequest): Promise<{ status: number; code: string | undefined }> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) =>
    sent.on('response', resolve).on('error', reject),
  )
  const said = JSON.parse(Buffer.concat(await answer.toArray()).toString()) as { code?: string }
  return { status: answer.statusCode ?? 0, code: said.code }
}

const scopes: readonly Scope[] = ['payments:make', 'payments:book', 'accounts:manage']
async function verifyToken(subject = ''): Promise<Caller> {
  return {
    subject: OwnerId.parse(`customer:${subject}`),
    ...{ client: 'test', tenant: 'main', scopes: new Set(scopes), expiresAt: Number.POSITIVE_INFINITY },
  }
}
