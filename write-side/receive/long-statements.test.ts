import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createMemoryStore, openMemoryLog } from '@micropay/event-log/memory/event-log'
import type { Http } from '@micropay/runtime/http'
import { createLogger } from '@micropay/runtime/logger'
import { OwnerId } from '@micropay/schemas/identifiers'
import type { EventType } from '@micropay/schemas/log/event'
import { decodeRecord, MAX_RECORD_BYTES } from '@micropay/schemas/log/ledger-record'
import { statementLines } from '@micropay/schemas/log/statement-shapes'
import { startOwner, stopOwner, type TestOwner } from '../handle/owner.fixture.ts'
import { buildCommandApp } from './build-app.ts'

const eventLog = openMemoryLog(createMemoryStore())
let owner: TestOwner
let app: Http
/** What the owner does not take, as if the service had ended in front of it. */
let lost: EventType | 'none' = 'none'
let taken = 0

before(async () => {
  await eventLog.prepare(1)
  owner = startOwner(eventLog)
  const submit: TestOwner['submit'] = (request) => {
    if (request.command.type === 'KeepStatementPart') taken += 1
    if (lost === 'StatementPart' && taken === 2) throw new Error('lost')
    if (lost === 'StatementImported' && request.command.type === 'ImportStatement' && !request.dryRun)
      throw new Error('lost')
    return owner.submit(request)
  }
  app = await buildCommandApp({
    owners: [{ ...owner, submit }],
    requestHashKey: 'a key',
    log: createLogger('test', 'silent'),
    verifyToken: async (authorization = '') => {
      const [scope = '', subject = 'finance:fiona'] = authorization.split(' ')
      const who = { subject: OwnerId.parse(subject), client: 'test', tenant: 'main' }
      return { ...who, scopes: new Set([scope]), expiresAt: Number.POSITIVE_INFINITY }
    },
  })
  const headers = { authorization: 'accounts:manage', 'idempotency-key': 'open' }
  const body = { accountId: 'bank', type: 'external', currency: 'EUR', owner: 'house' }
  assert.equal((await app.inject({ method: 'POST', url: '/v1/accounts', headers, body })).statusCode, 201)
})
after(() => stopOwner(owner))

const LINES = 1_500
/** Of 2.9 MB: three records. */
function long(id: string, day: string): string {
  const balance = (code: string, amount: string) =>
    `<Bal><Tp><CdOrPrtry><Cd>${code}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">${amount}</Amt>
     <CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>${day}</Dt></Dt></Bal>`
  const lines = Array.from(
    { length: LINES },
    (_, index) => `<Ntry><Amt Ccy="EUR">0.0${1 + (index % 2)}</Amt><CdtDbtInd>CRDT</CdtDbtInd>
      <BookgDt><Dt>${day}</Dt></BookgDt><AddtlNtryInf>${index} ${'x'.repeat(1_800)}</AddtlNtryInf></Ntry>`,
  )
  return `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt><Id>${id}</Id>
    <Acct><Id><IBAN>NL68BANK0000000001</IBAN></Id><Ccy>EUR</Ccy></Acct>
    ${balance('OPBD', '1.00')}${balance('CLBD', '23.50')}
    ${lines.join('')}</Stmt></BkToCstmrStmt></Document>`
}

async function send(body: string, key: string, query = '') {
  taken = 0
  const headers = { authorization: 'reconciliation:operate', 'idempotency-key': key, 'content-type': 'application/xml' }
  return app.inject({ method: 'POST', url: `/v1/statements?account=bank${query}`, headers, body })
}

/** The events of all commits, and the bytes of the longest. */
async function logged() {
  let longest = 0
  const events = []
  const signal = AbortSignal.timeout(10_000)
  for await (const records of eventLog.read(0, 0n, { signal, until: await eventLog.end(0) })) {
    for (const { value } of records) {
      longest = Math.max(longest, value.byteLength)
      const decoded = decodeRecord(value)
      if (decoded.kind === 'commit') events.push(...decoded.commit.events)
    }
  }
  return { events, longest }
}

const typesOf = async () => (await logged()).events.map(({ type }) => type).filter((type) => type.startsWith('St'))

test('a dry run of a long statement leaves nothing, and tells its sums', async () => {
  const answer = await send(long('dry', '2026-03-01'), 'dry', '&dryRun=true')
  assert.equal(answer.statusCode, 200, answer.body)
  assert.deepEqual([answer.json().lines, answer.json().credits], [LINES, '2250'])
  assert.deepEqual(await typesOf(), [])
})

test('a statement that passes a record stands in several, and is there with the last one alone', async () => {
  const file = long('s-1', '2026-03-01')
  lost = 'StatementPart'
  assert.equal((await send(file, 'k-1')).statusCode, 500)
  assert.deepEqual(await typesOf(), ['StatementPart'])
  lost = 'StatementImported'
  assert.equal((await send(file, 'k-1')).statusCode, 500)
  assert.deepEqual(await typesOf(), ['StatementPart', 'StatementPart'], 'a retry goes on behind what is there')
  lost = 'none'
  const answer = await send(file, 'k-1')
  assert.equal(answer.statusCode, 201, answer.body)
  const { lines, credits, debits, opening, closing } = answer.json()
  assert.deepEqual([lines, credits, debits, opening, closing], [LINES, '2250', '0', '100', '2350'])
  const again = await send(file, 'k-1')
  assert.deepEqual([again.statusCode, again.headers['idempotent-replayed'], again.body], [201, 'true', answer.body])
  const { events, longest } = await logged()
  assert.ok(longest <= MAX_RECORD_BYTES, `${longest} bytes`)
  const held = events.flatMap((event) =>
    event.type === 'StatementPart' || event.type === 'StatementImported' ? statementLines(event.data) : [],
  )
  assert.deepEqual(
    held.map(({ text = '' }) => Number.parseInt(text, 10)),
    Array.from({ length: LINES }, (_, index) => index),
  )
  assert.deepEqual(await typesOf(), ['StatementPart', 'StatementPart', 'StatementImported'])
})

test('the same long statement under another key and id is refused without writing its parts again', async () => {
  const answer = await send(long('s-2', '2026-03-01'), 'k-2')
  assert.deepEqual([answer.statusCode, answer.json().code], [409, 'statement_already_imported'])
  assert.deepEqual(await typesOf(), ['StatementPart', 'StatementPart', 'StatementImported'])
  assert.equal((await send(long('s-2', '2026-03-01'), 'k-2')).headers['idempotent-replayed'], 'true')
})

test('another file under the same key is told so', async () => {
  const answer = await send(long('s-3', '2026-03-02'), 'k-1')
  assert.deepEqual([answer.statusCode, answer.json().code], [422, 'idempotency_key_reused'])
})

async function post(url: string, key: string, authorization: string, body: object) {
  return app.inject({ method: 'POST', url, headers: { authorization, 'idempotency-key': key }, body })
}

test('one that a second person approved answers the sums of all its parts, as often as it is asked', async () => {
  const policy = { command: 'ImportStatement', people: 2 }
  assert.equal((await post('/v1/policies', 'policy', 'policies:set', policy)).statusCode, 201)
  const proposed = await send(long('s-4', '2026-03-03'), 'k-4')
  assert.equal(proposed.statusCode, 202, proposed.body)
  const { proposalId, hash } = proposed.json()
  const approve = (dryRun = false) =>
    post(`/v1/approvals/${proposalId}/approve`, 'approve', 'approvals:decide operator:otto', { hash, dryRun })
  const shown = (await approve(true)).json().result
  assert.deepEqual([shown.lines, shown.credits, shown.debits], [LINES, '2250', '0'])
  const approved = await approve()
  assert.equal(approved.statusCode, 201, approved.body)
  const { lines, credits, debits, opening, closing } = approved.json().result
  assert.deepEqual([lines, credits, debits, opening, closing], [LINES, '2250', '0', '100', '2350'])
  assert.equal((await approve()).body, approved.body)
})

test('a policy on the parts alone is refused, since the statement is what a second person approves', async () => {
  const answer = await post('/v1/policies', 'parts', 'policies:set', { command: 'KeepStatementPart', people: 2 })
  const { code, errors } = answer.json()
  assert.deepEqual([answer.statusCode, code], [400, 'invalid_request'], answer.body)
  assert.deepEqual(errors, [{ pointer: '/command', detail: 'name ImportStatement: its parts go with it' }])
})
