import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createMemoryStore, openMemoryLog } from '@micropay/event-log/memory/event-log'
import { systemClock } from '@micropay/runtime/clock'
import type { Http } from '@micropay/runtime/http'
import { createLogger } from '@micropay/runtime/logger'
import { OwnerId } from '@micropay/schemas/identifiers'
import { startOwner, stopOwner, type TestOwner } from '../handle/owner.fixture.ts'
import { verifyPartition } from '../verify/verify-partition.ts'
import { buildCommandApp } from './build-app.ts'

const eventLog = openMemoryLog(createMemoryStore())
let owner: TestOwner
let app: Http

before(async () => {
  await eventLog.prepare(1)
  owner = startOwner(eventLog)
  app = await appOn(owner)
})
after(() => stopOwner(owner))

/** A token says its tenant, its subject and its scopes. */
function appOn(of: TestOwner): Promise<Http> {
  return buildCommandApp({
    owners: [of],
    requestHashKey: 'a key',
    log: createLogger('test', 'silent'),
    verifyToken: async (authorization = '') => {
      const [tenant = '', subject = '', ...scopes] = authorization.split(' ')
      const who = { tenant, subject: OwnerId.parse(subject), client: 'test' }
      return { ...who, scopes: new Set(scopes), expiresAt: Number.POSITIVE_INFINITY }
    },
  })
}

const tenants = ['main', 'other'] as const
type Tenant = (typeof tenants)[number]

async function post(tenant: Tenant, url: string, body: object, key: string, who?: string) {
  const authorization = `${tenant} ${who ?? 'operator:olga accounts:manage payments:book'}`
  const answer = await app.inject({ method: 'POST', url, headers: { authorization, 'idempotency-key': key }, body })
  return { status: answer.statusCode, said: answer.json(), replayed: answer.headers['idempotent-replayed'] === 'true' }
}

const customer = { type: 'customer', currency: 'EUR', owner: 'customer:ada' }
const cash = { accountId: 'cash', type: 'external', currency: 'EUR', owner: 'house' }

/** What it is paid, and where it stands behind that. */
async function deposit(tenant: Tenant, minor: number, stands: number) {
  const legs = [
    { account: 'cash', amount: String(-minor), currency: 'EUR', stands: String(-stands) },
    { account: 'ada', amount: String(minor), currency: 'EUR', stands: String(stands) },
  ]
  return (await post(tenant, '/v1/payments', { legs }, `deposit-${stands}`)).status
}

test('two tenants open accounts of the same ids under the same keys, and a third one has its own', async () => {
  for (const tenant of tenants) {
    assert.equal((await post(tenant, '/v1/accounts', cash, 'open-cash')).status, 201)
    const mine = { accountId: 'ada', ...customer, name: `Ada of ${tenant}` }
    const opened = await post(tenant, '/v1/accounts', mine, 'open-ada')
    assert.deepEqual([opened.status, opened.said.name, opened.replayed], [201, `Ada of ${tenant}`, false])
    const again = await post(tenant, '/v1/accounts', mine, 'open-ada')
    assert.deepEqual([again.said, again.replayed], [opened.said, true])
    const taken = await post(tenant, '/v1/accounts', mine, 'open-again')
    assert.deepEqual([taken.status, taken.said.code], [409, 'account_exists'])
  }
  const accounts = ['ada', 'ben'].map((accountId) => ({ idempotencyKey: `batch-${accountId}`, accountId, ...customer }))
  const batch = await post('other', '/v1/accounts/batch', { accounts }, 'batch')
  assert.deepEqual(
    batch.said.results.map(({ status }: { status: number }) => status),
    [409, 201],
  )
})

test('what one tenant does to an account of its own, no other one sees', async () => {
  assert.equal(await deposit('main', 700, 700), 201)
  assert.equal(await deposit('other', 5, 705), 422, 'it would stand at 705 if they were one account')
  assert.equal(await deposit('other', 5, 5), 201)
  const frozen = await post('main', '/v1/accounts/ada/freeze', { reason: 'card lost' }, 'freeze')
  assert.deepEqual([frozen.said.status, frozen.said.name], ['frozen', 'Ada of main'])
  const asAda = 'customer:ada payments:make'
  const pay = (tenant: Tenant, amount: string) => {
    const postings = [{ from: 'ada', to: 'ben', amount, currency: 'EUR' }]
    return post(tenant, '/v1/payments', { postings }, `ada-${amount}`, asAda)
  }
  assert.equal((await pay('main', '1')).said.code, 'payee_not_payable', 'main has no ben')
  assert.equal((await pay('other', '6')).said.code, 'insufficient_funds')
  assert.equal((await pay('other', '5')).status, 201)
  assert.equal((await post('other', '/v1/accounts/ada/close', {}, 'close')).said.status, 'closed')
  assert.equal((await post('main', '/v1/accounts/ada/unfreeze', {}, 'unfreeze')).said.status, 'open')
})

test('a worker that is started anew knows them apart, and the log is sound', async () => {
  const { directory } = owner
  await owner.stop()
  owner = startOwner(eventLog, { directory })
  app = await appOn(owner)
  assert.equal(await deposit('main', 1, 701), 201)
  assert.equal((await post('other', '/v1/accounts/ada/freeze', {}, 'freeze')).said.code, 'account_closed')
  const { verification } = await verifyPartition(eventLog, 0, {
    clock: systemClock,
    signal: AbortSignal.timeout(20_000),
  })
  assert.deepEqual(
    [verification.faults, verification.accounts, verification.sums],
    [[], 5, [{ currency: 'EUR', amount: '0' }]],
  )
})
