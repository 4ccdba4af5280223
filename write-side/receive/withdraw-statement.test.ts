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

/** A token names its scopes and whose it is. */
const tokenOf = (subject: string, ...scopes: string[]) => `${subject} ${scopes.join(' ')}`
const fiona = tokenOf('finance:fiona', 'reconciliation:operate', 'approvals:decide', 'accounts:manage', 'policies:set')
const frank = tokenOf('finance:frank', 'approvals:decide')

before(async () => {
  await eventLog.prepare(1)
  owner = startOwner(eventLog)
  app = await buildCommandApp({
    owners: [owner],
    requestHashKey: 'a key',
    log: createLogger('test', 'silent'),
    verifyToken: async (token = '') => {
      const [subject, ...scopes] = token.split(' ')
      return {
        ...{ subject: OwnerId.parse(subject), client: 'test', tenant: 'main' },
        ...{ scopes: new Set(scopes), expiresAt: Number.POSITIVE_INFINITY },
      }
    },
  })
  for (const accountId of ['right', 'wrong']) {
    const opened = await post('/v1/accounts', { accountId, type: 'external', currency: 'EUR', owner: 'house' })
    assert.equal(opened.statusCode, 201, opened.body)
  }
})
after(() => stopOwner(owner))

let sent = 0
async function post(url: string, body: object, { token = fiona, key = `k-${++sent}` } = {}) {
  const headers = { authorization: token, 'idempotency-key': key }
  return app.inject({ method: 'POST', url, headers, body })
}

const balance = (code: string, amount: string) =>
  `<Bal><Tp><CdOrPrtry><Cd>${code}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">${amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd>
   <Dt><Dt>2026-03-01</Dt></Dt></Bal>`
const file = `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt><Stmt><Id>S/1</Id>
  <Acct><Id><IBAN>NL68BANK0000000001</IBAN></Id><Ccy>EUR</Ccy></Acct>
  ${balance('OPBD', '10.00')}${balance('CLBD', '12.50')}
  <Ntry><Amt Ccy="EUR">2.50</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-03-01</Dt></BookgDt></Ntry>
  </Stmt></BkToCstmrStmt></Document>`

async function importFor(account: string, key = `k-${++sent}`) {
  const headers = { authorization: fiona, 'idempotency-key': key, 'content-type': 'application/xml' }
  return app.inject({ method: 'POST', url: `/v1/statements?account=${account}`, headers, body: file })
}

async function imported(account: string): Promise<string> {
  const answer = await importFor(account)
  assert.equal(answer.statusCode, 201, answer.body)
  return String(answer.headers.position)
}

const path = '/v1/statements/S%2F1/withdraw'

test('a withdrawal waits for a second person; then the same file is imported for the right account', async () => {
  const position = await imported('wrong')
  assert.equal((await importFor('right')).json().code, 'statement_wrong_account')
  const asked = { account: 'wrong', position, reason: 'of the other account' }
  const waiting = await post(path, asked, { key: 'withdraw' })
  assert.equal(waiting.statusCode, 202, waiting.body)
  const { proposalId, hash, command, status } = waiting.json()
  assert.deepEqual(
    [command, status, waiting.headers.location],
    ['WithdrawStatement', 'open', `/v1/approvals/${proposalId}`],
  )
  assert.equal((await importFor('right')).json().code, 'statement_wrong_account')
  const approve = `/v1/approvals/${proposalId}/approve`
  assert.equal((await post(approve, { hash })).json().code, 'approval_by_maker')
  const approved = await post(approve, { hash }, { token: frank })
  assert.equal(approved.statusCode, 201, approved.body)
  const { decidedAt, ...result } = approved.json().result
  assert.deepEqual(result, { accountId: 'wrong', statementId: 'S/1', position })
  assert.equal((await post(path, asked, { key: 'withdraw' })).headers['idempotent-replayed'], 'true')
  const again = await post(path, asked)
  assert.deepEqual([again.statusCode, again.json().code], [409, 'statement_withdrawn'])
  await imported('right')
})

test('where a policy says that one person is enough, it happens at once, and a dry run tells so', async () => {
  const policy = await post('/v1/policies', { command: 'WithdrawStatement', people: 1 })
  assert.equal(policy.statusCode, 201, policy.body)
  const found = (await importFor('right')).json()
  assert.equal(found.code, 'statement_already_imported')
  const at = /sequence (\d+)/.exec(found.detail)?.[1]
  const asked = { account: 'right', position: `0:${at}`, reason: 'a correction comes' }
  const tried = await post(path, { ...asked, dryRun: true })
  assert.deepEqual([tried.statusCode, tried.json().statementId], [200, 'S/1'])
  const withdrawn = await post(path, asked)
  assert.deepEqual([withdrawn.statusCode, withdrawn.json().position], [201, asked.position])
  await imported('right')
})

test('what names no statement is told as such, and a request that says too little is none', async () => {
  const asked = { account: 'right', position: '0:2', reason: 'r' }
  const codeOf = async (more: object) => (await post(path, { ...asked, ...more })).json().code
  assert.equal(await codeOf({}), 'statement_not_found')
  assert.equal(await codeOf({ position: '7:2' }), 'statement_not_found')
  assert.equal(await codeOf({ account: 'nobody' }), 'account_not_found')
  for (const more of [{ position: '0:02' }, { position: '0:1,1:2' }, { reason: ' ' }, { position: undefined }]) {
    assert.equal(await codeOf(more), 'invalid_request', JSON.stringify(more))
  }
  const other = await post(path, asked, { token: tokenOf('finance:fiona', 'reconciliation:read') })
  assert.equal(other.statusCode, 403)
})
