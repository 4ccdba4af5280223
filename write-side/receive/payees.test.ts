import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createMemoryStore, openMemoryLog } from '@micropay/event-log/memory/event-log'
import type { Http } from '@micropay/runtime/http'
import { createLogger } from '@micropay/runtime/logger'
import type { Caller } from '@micropay/schemas/api/token'
import { OwnerId } from '@micropay/schemas/identifiers'
import { startOwner, stopOwner, type TestOwner } from '../handle/owner.fixture.ts'
import { buildCommandApp } from './build-app.ts'

const eventLog = openMemoryLog(createMemoryStore())
let owner: TestOwner
let app: Http

before(async () => {
  await eventLog.prepare(1)
  owner = startOwner(eventLog)
  app = await buildCommandApp({
    owners: [owner],
    requestHashKey: 'a key',
    verifyToken,
    log: createLogger('test', 'silent'),
  })
  const body = { accountId: 'ben:main', type: 'customer', currency: 'EUR', owner: 'customer:ben' }
  const opened = await post('/v1/accounts', body, 'open', 'operator:olga accounts:manage')
  assert.equal(opened.statusCode, 201, opened.body)
})
after(() => stopOwner(owner))

const ben = { alias: 'Ben & Co', accountId: 'ben:main' }

test('a payee is saved once, and each person has names of their own', async () => {
  const saved = await post('/v1/payees', ben, 'k1')
  assert.equal(saved.statusCode, 201, saved.body)
  assert.match(String(saved.headers.position), /^0:\d+$/)
  assert.equal(saved.json().status, 'saved')
  assert.equal(saved.headers['cache-control'], 'private, no-store')
  assert.equal((await post('/v1/payees', ben, 'k1')).headers['idempotent-replayed'], 'true')
  const again = await post('/v1/payees', { ...ben, alias: 'BEN & CO' }, 'k2')
  assert.deepEqual([again.statusCode, again.json().code], [409, 'payee_exists'])
  assert.equal(again.headers['cache-control'], 'private, no-store')
  assert.equal((await post('/v1/payees', ben, 'k1', 'customer:eve payments:make')).statusCode, 201)
})

test('a worker that starts anew knows the payees, and forgets those that were removed', async () => {
  await owner.stop()
  owner = startOwner(eventLog, { directory: owner.directory })
  await app.close()
  const log = createLogger('test', 'silent')
  app = await buildCommandApp({ owners: [owner], requestHashKey: 'a key', verifyToken, log })
  const path = `/v1/payees/${encodeURIComponent('ben & co')}/remove`
  const removed = await post(path, {}, 'k3')
  assert.deepEqual([removed.statusCode, removed.json().status], [201, 'removed'], removed.body)
  const twice = await post(path, {}, 'k4')
  assert.deepEqual([twice.statusCode, twice.json().code], [404, 'payee_not_found'])
  assert.equal((await post('/v1/payees', ben, 'k5')).statusCode, 201)
})

test('staff save a name for somebody else, whose own it is from then on', async () => {
  const saving = { ...ben, owner: 'customer:zoe' }
  assert.equal((await post('/v1/payees', saving, 's1', 'operator:olga payments:book')).statusCode, 201)
  const twice = await post('/v1/payees', ben, 's2', 'customer:zoe payments:make')
  assert.deepEqual([twice.statusCode, twice.json().code], [409, 'payee_exists'])
  assert.equal((await post('/v1/payees', ben, 's3', 'operator:olga payments:book')).statusCode, 201)
})

test('a name that no path carries, an unknown account and a token without the scope are refused', async () => {
  assert.equal((await post('/v1/payees', { ...ben, alias: 'a/b' }, 'k6')).json().code, 'invalid_request')
  assert.equal((await post('/v1/payees', { ...ben, owner: 'customer:eve' }, 'k6')).json().code, 'forbidden')
  assert.equal((await post('/v1/payees', { ...ben, owner: 'a b' }, 'k6')).json().code, 'invalid_request')
  const unknown = await post('/v1/payees', { alias: 'Nobody', accountId: 'nobody' }, 'k7')
  assert.deepEqual([unknown.statusCode, unknown.json().code], [422, 'payee_not_payable'])
  assert.equal((await post('/v1/payees', ben, 'k8', 'customer:ada accounts:read')).statusCode, 403)
})

test('a name is checked once for each key, and told again alike whatever the account is called by then', async () => {
  const olga = 'operator:olga accounts:manage'
  await post('/v1/accounts/ben:main/change', { name: 'Ben Franklin' }, 'named', olga)
  const asked = { accountId: 'ben:main', name: 'Ben Frenklin' }
  const checked = await post('/v1/payees/check', asked, 'c1')
  assert.equal(checked.statusCode, 201, checked.body)
  assert.match(String(checked.headers.position), /^0:\d+$/)
  const { decidedAt, ...told } = checked.json()
  assert.deepEqual(told, { accountId: 'ben:main', outcome: 'close', name: 'Ben Franklin' })
  await post('/v1/accounts/ben:main/change', { name: 'Benjamin' }, 'renamed', olga)
  const again = await post('/v1/payees/check', asked, 'c1')
  assert.deepEqual([again.headers['idempotent-replayed'], again.json()], ['true', { ...told, decidedAt }])
  const reused = await post('/v1/payees/check', { ...asked, name: 'Benjamin' }, 'c1')
  assert.deepEqual([reused.statusCode, reused.json().code], [422, 'idempotency_key_reused'])
})

test('a question is never asked without being counted, and only of what could be paid', async () => {
  const asked = { accountId: 'ben:main', name: 'Benjamin' }
  assert.equal((await post('/v1/payees/check', { ...asked, dryRun: true }, 'c2')).json().code, 'invalid_request')
  assert.equal((await post('/v1/payees/check', { ...asked, name: ' ' }, 'c2')).json().code, 'invalid_request')
  assert.equal((await post('/v1/payees/check', asked, 'c2', 'operator:olga payments:book')).statusCode, 403)
  const unknown = await post('/v1/payees/check', { ...asked, accountId: 'nobody' }, 'c3')
  assert.deepEqual([unknown.statusCode, unknown.json().code], [422, 'payee_not_payable'])
  const all = Array.from({ length: 21 }, (_, index) => index)
  const statuses: number[] = []
  for (const index of all) {
    statuses.push((await post('/v1/payees/check', asked, `n${index}`, 'customer:eve payments:make')).statusCode)
  }
  assert.deepEqual(statuses, [...all.slice(1).map(() => 201), 422])
  const refused = await post('/v1/payees/check', asked, 'n20', 'customer:eve payments:make')
  assert.deepEqual([refused.json().code, refused.headers['idempotent-replayed']], ['payee_checks_exceeded', 'true'])
  assert.equal((await post('/v1/payees/check', asked, 'n0', 'customer:eve payments:make')).statusCode, 201)
})

async function post(url: string, body: unknown, key: string, authorization = 'customer:ada payments:make') {
  const headers = { 'content-type': 'application/json', 'idempotency-key': key, authorization }
  return app.inject({ method: 'POST', url, headers, body: JSON.stringify(body) })
}

async function verifyToken(authorization: string | undefined): Promise<Caller> {
  const [subject = '', ...scopes] = (authorization ?? '').split(' ')
  const caller = { subject: OwnerId.parse(subject), client: 'test', tenant: 'main' }
  return { ...caller, scopes: new Set(scopes), expiresAt: Number.POSITIVE_INFINITY }
}
