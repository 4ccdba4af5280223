import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createMemoryStore, openMemoryLog } from '@micropay/event-log/memory/event-log'
import type { Http } from '@micropay/runtime/http'
import { createLogger } from '@micropay/runtime/logger'
import { OwnerId } from '@micropay/schemas/identifiers'
import { startOwner, stopOwner, type TestOwner } from '../handle/owner.fixture.ts'
import { buildCommandApp } from './build-app.ts'

const [old, fresh] = ['the old key', 'the new key']
const eventLog = openMemoryLog(createMemoryStore())
let ring = [old]
let owner: TestOwner
let app: Http
before(async () => {
  await eventLog.prepare(1)
  owner = startOwner(eventLog)
  const caller = { subject: OwnerId.parse('operator:olga'), client: 'cli', tenant: 'main', expiresAt: 0 }
  const verifyToken = async () => ({ ...caller, scopes: new Set(['accounts:manage', 'payments:book']) })
  const log = createLogger('test', 'silent')
  app = await buildCommandApp({ owners: [owner], requestHashKey: () => ring, verifyToken, log })
})
after(() => stopOwner(owner))

const post = async (url: string, key: string, payload: object) => {
  const { statusCode, headers } = await app.inject({
    method: 'POST',
    url,
    payload,
    headers: { 'idempotency-key': key },
  })
  return [statusCode, headers['idempotent-replayed'] ?? '', headers.position]
}
const open = (key: string, accountId = key) =>
  post('/v1/accounts', key, { accountId, type: 'customer', owner: 'customer:ada', currency: 'EUR' })

test('a repeated command is known by the keys of before while they are in the ring, and done once', async () => {
  const [first, , position] = await open('one')
  assert.equal(first, 201)
  ring = [fresh, old]
  assert.deepEqual(await open('one'), [201, 'true', position])
  assert.equal((await open('one', 'another'))[0], 422)
  assert.equal((await open('two'))[0], 201)
  ring = [old, fresh]
  assert.equal((await open('two'))[1], 'true')
  ring = [fresh]
  assert.equal((await open('two'))[1], 'true')
  // Whose key is gone is refused, and nothing is done twice.
  assert.equal((await open('one'))[0], 422)
})

test('an earlier form of a command is known by the keys of before, too', async () => {
  ring = [old]
  const cash = { accountId: 'cash', type: 'external', owner: 'house', currency: 'EUR' }
  assert.equal((await post('/v1/accounts', 'cash', cash))[0], 201)
  const deposit = { postings: [{ from: 'cash', to: 'one', amount: '100', currency: 'EUR' }] }
  assert.equal((await post('/v1/payments', 'deposit', deposit))[0], 201)
  ring = [fresh, old]
  assert.equal((await post('/v1/payments', 'deposit', deposit))[1], 'true')
})
