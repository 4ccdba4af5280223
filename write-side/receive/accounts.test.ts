import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createMemoryStore, openMemoryLog } from '@micropay/event-log/memory/event-log'
import type { Http } from '@micropay/runtime/http'
import { createLogger } from '@micropay/runtime/logger'
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
    log: createLogger('test', 'silent'),
    verifyToken: async (authorization = '') => {
      const [subject = '', ...scopes] = authorization.split(' ')
      const who = { subject: OwnerId.parse(subject), client: 'test', tenant: 'main' }
      return { ...who, scopes: new Set(scopes), expiresAt: Number.POSITIVE_INFINITY }
    },
  })
  for (const [accountId, type, currency] of [
    ['usd', 'customer', 'USD'],
    ['cash', 'external', 'EUR'],
  ]) {
    const opened = await post('/v1/accounts', { accountId, type, owner: 'customer:ada', currency }, `open-${accountId}`)
    assert.equal(opened.statusCode, 201, opened.body)
  }
})
after(() => stopOwner(owner))

const manager = 'operator:olga accounts:manage'

function post(url: string, body: object, key: string, authorization = manager) {
  return app.inject({ method: 'POST', url, headers: { authorization, 'idempotency-key': key }, body })
}

type Result = {
  readonly status: number
  readonly replayed: boolean
  readonly position: string | null
  readonly account?: { readonly accountId: string; readonly status: string }
  readonly problem?: { readonly code: string; readonly detail: string }
}

async function open(accounts: readonly unknown[], scopes = 'accounts:manage') {
  const headers = { authorization: `operator:olga ${scopes}` }
  const answer = await app.inject({ method: 'POST', url: '/v1/accounts/batch', headers, body: { accounts } })
  const results: readonly Result[] = answer.json().results ?? []
  const said = results.map(({ account, problem }) => problem?.code ?? account?.accountId)
  return { statusCode: answer.statusCode, results, said, position: answer.headers.position }
}

const customer = (idempotencyKey: string, accountId?: string) => ({
  ...{ idempotencyKey, type: 'customer', currency: 'EUR', owner: 'customer:ada' },
  ...(accountId === undefined ? {} : { accountId }),
})

test('an account is open since a day on which money can count, and a request says what it should have', async () => {
  const opening = (key: string, more: object) => post('/v1/accounts', { ...customer('_', key), ...more }, key)
  const early = await opening('long-ago', { idempotencyKey: undefined, openedOn: '1700-01-01' })
  assert.deepEqual(
    [early.statusCode, early.json().detail],
    [400, '/openedOn must lie between 1900-01-01 and 2999-12-31'],
  )
  const nobodys = await opening('nobodys', { idempotencyKey: undefined, owner: undefined })
  assert.deepEqual([nobodys.statusCode, nobodys.json().detail], [400, '/owner is missing'])
})

test('a freeze says what it stops, and another one changes it', async () => {
  const freeze = (key: string, body: object) => post('/v1/accounts/usd/freeze', body, key)
  const first = await freeze('usd-out', { direction: 'outgoing' })
  assert.deepEqual([first.statusCode, first.json().status, first.json().frozen], [201, 'frozen', 'outgoing'])
  assert.equal((await freeze('usd-out', { direction: 'outgoing' })).body, first.body)
  assert.equal((await freeze('usd-out-2', { direction: 'outgoing' })).json().code, 'account_frozen')
  assert.equal((await freeze('usd-all', {})).json().frozen, 'all')
  assert.equal((await freeze('usd-in', { direction: 'incoming' })).json().errors[0].pointer, '/direction')
  const unfrozen = await post('/v1/accounts/usd/unfreeze', {}, 'usd-free')
  assert.deepEqual([unfrozen.json().status, unfrozen.json().frozen], ['open', undefined])
})

test('a change answers how the account stands, and names at least one thing', async () => {
  const change = (key: string, body: object, who = manager) => post('/v1/accounts/usd/change', body, key, who)
  const named = await change('n1', { name: 'Ada', ownerReference: 'C-17', path: 'a/b', overdraftLimit: '500' })
  const { name, ownerReference, path, overdraftLimit } = named.json()
  assert.deepEqual([named.statusCode, name, ownerReference, path, overdraftLimit], [201, 'Ada', 'C-17', 'a/b', '500'])
  const cleared = (await change('n2', { name: null, path: null })).json()
  assert.deepEqual([cleared.name, cleared.ownerReference, cleared.path], [undefined, 'C-17', undefined])
  const nothing = await change('n3', {})
  assert.deepEqual([nothing.statusCode, nothing.json().code], [400, 'invalid_request'])
  for (const [field, value] of [
    ...[['path', 'A/b'] as const, ['overdraftLimit', null] as const, ['name', '\u202e'] as const],
    ...[['currency', 'EUR'] as const, ['owner', 'customer:ben'] as const],
  ]) {
    assert.equal((await change(`bad-${field}`, { [field]: value })).statusCode, 400, field)
  }
  assert.equal((await change('n4', { name: 'x' }, 'customer:ada payments:make')).statusCode, 403)
})

test('an account of the house is flagged to take money from customers, and a dry run says what would be', async () => {
  const body = { flag: 'receivesFromCustomers', value: true }
  const set = (account: string, key: string, more: object = {}) =>
    post(`/v1/accounts/${account}/flag`, { ...body, ...more }, key)
  assert.equal((await set('cash', 'f1', { dryRun: true })).json().receivesFromCustomers, true)
  assert.equal((await set('cash', 'f2', { value: false })).json().receivesFromCustomers, undefined)
  assert.equal((await set('cash', 'f3')).json().receivesFromCustomers, true)
  assert.equal((await set('usd', 'f4')).json().code, 'account_not_of_house')
  assert.equal((await set('cash', 'f5', { flag: 'anything' })).statusCode, 400)
})

test('each account of a batch has a key and an outcome of its own, in the order of the request', async () => {
  const accounts = [
    ...[customer('o1', 'ada'), customer('o2', 'ada'), { ...customer('o3', 'ben'), currency: 'XYZ' }, 'no object'],
    ...[customer('o1', 'ada'), customer('o4', 'ben')],
  ]
  const first = await open(accounts)
  assert.deepEqual(first.said, ['ada', 'account_exists', 'invalid_request', 'invalid_request', 'ada', 'ben'])
  assert.deepEqual(first.results[4], { ...first.results[0], replayed: true })
  assert.equal(first.position, first.results[5]?.position)
  const again = await open(accounts)
  assert.deepEqual(
    again.results.map(({ status, replayed }) => [status, replayed]),
    [
      ...[201, 409].map((status) => [status, true]),
      ...[400, 400].map((status) => [status, false]),
      ...[201, 201].map((status) => [status, true]),
    ],
  )
})

test('an account without an id has the one that its key gives, alone and in a batch', async () => {
  const { idempotencyKey: key, ...alone } = customer('no-id')
  const headers = { authorization: 'operator:olga accounts:manage', 'idempotency-key': key }
  const one = await app.inject({ method: 'POST', url: '/v1/accounts', headers, body: alone })
  assert.match(one.json().accountId, /^acc-/)
  const { results, said } = await open([customer('no-id'), customer('no-id-2')])
  assert.deepEqual([results[0]?.replayed, said[0]], [true, one.json().accountId])
  assert.notEqual(said[1], said[0])
})

test('a batch of accounts is for those who manage accounts, and holds 1 to 10,000', async () => {
  assert.equal((await open([customer('s1', 's1')], 'payments:book')).statusCode, 403)
  assert.equal((await open([])).statusCode, 400)
  const many = Array.from({ length: 10_001 }, (_, index) => customer(`m${index}`, `m${index}`))
  assert.equal((await open(many)).statusCode, 400)
  const { results } = await open(many.slice(1))
  assert.equal(results.filter(({ status }) => status === 201).length, 10_000)
})
