import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, test } from 'node:test'
import { createMemoryStore, openMemoryLog } from '@micropay/event-log/memory/event-log'
import type { Http } from '@micropay/runtime/http'
import { createLogger } from '@micropay/runtime/logger'
import { OwnerId } from '@micropay/schemas/identifiers'
import { rejectionCodes } from '@micropay/schemas/log/rejection'
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
    verifyToken: async (scope = '') => ({
      ...{ subject: OwnerId.parse('finance:fiona'), client: 'test', tenant: 'main' },
      ...{ scopes: new Set([scope]), expiresAt: Number.POSITIVE_INFINITY },
    }),
  })
  for (const [accountId, type, currency] of [
    ['bank', 'external', 'EUR'],
    ['dollars', 'external', 'USD'],
    ['ada', 'customer', 'EUR'],
  ]) {
    const headers = { authorization: 'accounts:manage', 'idempotency-key': `open-${accountId}` }
    const body = { accountId, type, currency, owner: 'house' }
    const answer = await app.inject({ method: 'POST', url: '/v1/accounts', headers, body })
    assert.equal(answer.statusCode, 201, answer.body)
  }
})
after(() => stopOwner(owner))

/** What makes a statement another one is its content, here the day that its period begins. */
const began = (id: string) => {
  const number = Number.parseInt(createHash('sha256').update(id).digest('hex').slice(0, 4), 16)
  return new Date(Date.UTC(1900, 0, 1 + (number % 40_000))).toISOString().slice(0, 10)
}
const camt = (id: string, closing = '12.50', iban = 'NL68BANK0000000001', from = began(id)) =>
  `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt><Stmt><Id>${id}</Id><FrToDt><FrDtTm>${from}</FrDtTm><ToDtTm>2026-03-01</ToDtTm></FrToDt><Acct><Id><IBAN>${iban}</IBAN></Id><Ccy>EUR</Ccy></Acct>
   <Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">10.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-03-01</Dt></Dt></Bal>
   <Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">${closing}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-03-01</Dt></Dt></Bal>
   <Ntry><Amt Ccy="EUR">2.50</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-03-01</Dt></BookgDt></Ntry></Stmt></BkToCstmrStmt></Document>`

const sending = { account: 'bank', scope: 'reconciliation:operate', type: 'application/xml', encoding: 'identity' }

async function send(body: string, key: string, options: Partial<typeof sending> = {}) {
  const { account, scope, type, encoding } = { ...sending, ...options }
  const headers = {
    ...{ authorization: scope, 'idempotency-key': key },
    ...{ 'content-type': type, 'content-encoding': encoding },
  }
  return app.inject({ method: 'POST', url: `/v1/statements?account=${account}`, headers, body })
}

test('an import is a commit with a position, and the same key gets the same answer', async () => {
  const first = await send(camt('s-1'), 'k-1')
  assert.equal(first.statusCode, 201, first.body)
  assert.match(String(first.headers.position), /^0:\d+$/)
  const { opening, credits, debits, closing, lines } = first.json()
  assert.deepEqual([opening, credits, debits, closing, lines], ['1000', '250', '0', '1250', 1])
  const again = await send(camt('s-1'), 'k-1')
  assert.equal(again.headers['idempotent-replayed'], 'true')
  assert.equal(again.body, first.body)
})

test('the same statement with another key is refused under any id, and says where it stands', async () => {
  const answer = await send(camt('s-other', '12.50', undefined, began('s-1')), 'k-2')
  assert.equal(answer.statusCode, 409, answer.body)
  assert.equal(answer.json().code, 'statement_already_imported')
  assert.match(answer.json().detail, /s-other of bank was imported before, as s-1 at sequence \d+$/)
})

test('another statement under the same id is taken, and the digest of its file is told', async () => {
  const file = camt('s-1', '12.50', undefined, '1999-12-31')
  const answer = await send(file, 'k-3')
  assert.equal(answer.statusCode, 201, answer.body)
  assert.equal(answer.json().sha256, createHash('sha256').update(file).digest('hex'))
})

const refused: readonly [string, string, object, number, string][] = [
  ['one that does not add up', camt('s-2', '12.51'), {}, 422, 'statement_does_not_add_up'],
  ['another bank account', camt('s-3', '12.50', 'NL41BANK0000000002'), {}, 422, 'statement_wrong_account'],
  ['an IBAN whose check digits are wrong', camt('s-3', '12.50', 'NL41BANK0000000001'), {}, 422, 'statement_unreadable'],
  ['an account in another currency', camt('s-4'), { account: 'dollars' }, 422, 'currency_mismatch'],
  ["a customer's account", camt('s-5'), { account: 'ada' }, 422, 'statement_wrong_account'],
  ['an unknown account', camt('s-6'), { account: 'nobody' }, 404, 'account_not_found'],
  ['broken XML', '<Document>', {}, 422, 'statement_unreadable'],
  ['an entity bomb', `<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>`, {}, 422, 'statement_unreadable'],
  ['broken off in the middle', camt('s-9').slice(0, 300), {}, 422, 'statement_unreadable'],
  ['a file that is no XML', 'date;amount', {}, 422, 'statement_unreadable'],
  ['JSON', '{}', { type: 'application/json' }, 415, 'unsupported_media_type'],
  ['CSV', 'date;amount', { type: 'text/csv' }, 415, 'unsupported_media_type'],
  ['a file that was compressed on the way', camt('s-9'), { encoding: 'gzip' }, 415, 'unsupported_media_type'],
  ['50 MiB', ' '.repeat(50 * 1024 * 1024), {}, 413, 'body_too_large'],
  ['one byte more than 8 MiB', ' '.repeat(8 * 1024 * 1024 + 1), {}, 413, 'body_too_large'],
  ['a token without the scope', camt('s-7'), { scope: 'reconciliation:read' }, 403, 'forbidden'],
]
for (const [title, body, options, status, code] of refused) {
  test(`${title} is a ${status} ${code}`, async () => {
    const key = title.replaceAll(/[^a-z]/g, '-')
    const before = await eventLog.end(0)
    const answer = await send(body, key, options)
    assert.equal(answer.statusCode, status, answer.body)
    assert.equal(answer.json().code, code)
    assert.ok(answer.json().detail.length > 20, answer.body)
    // A refusal of the ledger is a fact and stands in the log; what never reached it leaves no trace, and its key is
    // free.
    const isRefusal = rejectionCodes.some((one) => one === code)
    assert.equal((await eventLog.end(0)) - before, isRefusal ? 1n : 0n)
    if (!isRefusal) assert.equal((await send(camt(key), key)).statusCode, 201)
  })
}

test('what does not add up is told with its sums', async () => {
  assert.match(
    (await send(camt('s-8', '12.51'), 'k-8')).json().detail,
    /opening 10\.00 EUR \+ credits 2\.50 EUR - debits 0\.00 EUR = 12\.50 EUR, and the closing balance is 12\.51 EUR: 0\.01 EUR apart/,
  )
  assert.match(
    (await send(camt('s-8', '12.49'), 'k-9')).json().detail,
    /closing balance is 12\.49 EUR: 0\.01 EUR apart/,
  )
})

test('while two files are read a third is told to come again, and payments are made meanwhile', async () => {
  const line = `<Ntry><Amt Ccy="EUR">0.01</Amt><CdtDbtInd>CRDT</CdtDbtInd><BookgDt><Dt>2026-03-01</Dt></BookgDt></Ntry>`
  const large = camt('s-10').replace('</Stmt>', `${line.repeat(20_000)}</Stmt>`)
  const reading = [send(large, 'k-10'), send(large, 'k-11'), send(large, 'k-12')]
  const headers = { authorization: 'accounts:manage', 'idempotency-key': 'open-meanwhile' }
  const body = { accountId: 'meanwhile', type: 'customer', currency: 'EUR', owner: 'customer:ada' }
  const meanwhile = await app.inject({ method: 'POST', url: '/v1/accounts', headers, body })
  assert.equal(meanwhile.statusCode, 201)
  const answers = await Promise.all(reading)
  const refusals = answers.filter(({ statusCode }) => statusCode === 503)
  assert.deepEqual(
    refusals.map((answer) => [answer.json().code, answer.headers['retry-after']]),
    [['overloaded', '2']],
  )
  const read = answers.filter(({ statusCode }) => statusCode === 422)
  assert.equal(read.length, 2)
  for (const answer of read) assert.match(answer.json().detail, /20001 lines, and at most 10000/)
})
