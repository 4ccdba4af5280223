import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import { type AuditAccess, AuditAccessPage } from '@micropay/schemas/api/audit'
import { z } from 'zod'
import { askedRoutes } from './access-table.ts'
import { type AuditFixture, startAudit } from './audit.fixture.ts'

let audit: AuditFixture
afterEach(() => audit.close())

/** The table as it was made before it knew what a request names. */
const oldTable = `
  create schema audit;
  create table audit.access (
    id int8 generated always as identity primary key,
    at timestamptz not null default clock_timestamp(),
    tenant text not null,
    subject text not null,
    client text not null,
    request text not null
  );
  create index access_of_tenant on audit.access (tenant, id);
  create function audit.refuse() returns trigger language plpgsql as $$
    begin raise exception 'the access log is append-only'; end $$;
  create trigger access_append_only before update or delete or truncate on audit.access
    for each statement execute function audit.refuse();`

const addRow = `insert into audit.access (tenant, subject, client, request) values ('acme', 'auditor:old', 'tests', $1)`

/** What an older service wrote: escaped, cut off amid an escape, and with what is no text. */
const oldRequests = [
  'GET /v1/audit/accounts/ada%3Amain/replay?limit=50',
  'GET /v1/audit/accounts/%7Bberka%7D:576/replay',
  'GET /v1/audit/records/0/3',
  'GET /v1/audit/payments/pay-0-1842',
  'GET /v1/audit/accesses?text=100%25%5Fsure+thing&limit=50',
  'GET /v1/audit/accesses?limit=50&subject=auditor%3Avera',
  'GET /v1/audit/accesses?text=%FF%00%0A%zz%C3%A4%2',
] as const

/** What the searches find, without the searches themselves. */
async function found(query: Record<string, string>): Promise<readonly AuditAccess[]> {
  const answer = await audit.get(`/v1/audit/accesses?${new URLSearchParams(query)}`, 'vera', { 'at-least': '' })
  assert.equal(answer.statusCode, 200, answer.body)
  return AuditAccessPage.parse(answer.json()).items.filter(
    ({ subject, route }) => subject === 'auditor:old' || route !== '/v1/audit/accesses',
  )
}
const requestsOf = (rows: readonly AuditAccess[]) => rows.map(({ request }) => request)

async function openAccounts(...ids: string[]): Promise<void> {
  const { ledger } = audit
  await audit.append(ledger.genesis(), ledger.claim(), ...ids.map((id) => ledger.open(id)))
}

test('a use is found by the account, place and actor that it names, however its URL was escaped', async () => {
  audit = await startAudit()
  await openAccounts('ada:main', '{berka}:576')
  for (const path of [
    '/v1/audit/accounts/ada%3Amain/replay?limit=50',
    '/v1/audit/accounts/%7Bberka%7D%3A576/replay',
    '/v1/%61udit/records/%30/1',
    '/v1/audit/records/0/1e0',
  ]) {
    assert.equal((await audit.get(path)).statusCode, 200, path)
  }
  assert.deepEqual(
    (await found({ account: 'ada:main' })).map(({ id: _, at: __, ...row }) => row),
    [
      {
        ...{
          subject: 'auditor:vera',
          client: 'tests',
          method: 'GET',
          account: 'ada:main',
          position: null,
          actor: null,
        },
        ...{ request: 'GET /v1/audit/accounts/ada:main/replay?limit=50' },
        ...{ route: '/v1/audit/accounts/:accountId/replay' },
      },
    ],
  )
  assert.deepEqual(requestsOf(await found({ text: 'ADA:ma' })), ['GET /v1/audit/accounts/ada:main/replay?limit=50'])
  assert.deepEqual(requestsOf(await found({ account: '{berka}:576' })), ['GET /v1/audit/accounts/{berka}:576/replay'])
  assert.deepEqual(requestsOf(await found({ text: '{berka}' })), ['GET /v1/audit/accounts/{berka}:576/replay'])
  assert.deepEqual(requestsOf(await found({ text: '0:1' })), [
    'GET /v1/audit/records/0/1e0',
    'GET /v1/audit/records/0/1',
  ])
  assert.deepEqual(requestsOf(await found({ account: 'ada:mai' })), [])
})

test('a percent sign and an underscore stand for themselves, and what no text can hold stays escaped', async () => {
  audit = await startAudit({ prepare: prepareOld })
  assert.deepEqual(requestsOf(await found({ text: '100%_sure thing' })), [
    'GET /v1/audit/accesses?text=100%_sure thing&limit=50',
  ])
  assert.deepEqual(requestsOf(await found({ text: '1%e' })), [])
  assert.deepEqual(requestsOf(await found({ text: 'ada_main' })), [])
  assert.deepEqual(requestsOf(await found({ text: '%zz' })), ['GET /v1/audit/accesses?text=%FF%00%0A%zzä%2'])
  // It holds what it looks for, and so does the one before it, which is another use.
  const once = '/v1/audit/accesses?text=nobody+asked+that'
  const counts: number[] = []
  for (const _ of ['first', 'again']) {
    const { items }: { items: unknown[] } = (await audit.get(once, 'vera', { 'at-least': '' })).json()
    counts.push(items.length)
  }
  assert.deepEqual(counts, [0, 1])
  assert.equal((await audit.get('/v1/audit/accesses?text=50%25%zz', 'vera', { 'at-least': '' })).statusCode, 200)
})

test('uses that an older service wrote, and still writes, are found as today’s are, and none is lost', async () => {
  audit = await startAudit({ prepare: prepareOld })
  const old = async () => (await found({ subject: 'auditor:old' })).map((row) => row).reverse()
  assert.deepEqual(
    (await old()).map(({ account, position, actor }) => account ?? position ?? actor),
    ['ada:main', '{berka}:576', '0:3', '0:1842', null, 'auditor:vera', null],
  )
  await audit.pool.query(addRow, ['GET /v1/audit/accounts/bob%3Amain/replay'])
  assert.equal((await found({ account: 'bob:main' })).length, 1)
  const { rows } = await audit.pool.query(
    `select request from audit.access where subject = 'auditor:old' order by id limit ${oldRequests.length}`,
  )
  assert.deepEqual(
    rows.map(({ request }) => request),
    [...oldRequests],
  )
  for (const change of [`update audit.access set account = default`, 'delete from audit.access']) {
    await assert.rejects(audit.pool.query(change), /append-only/)
  }
})

async function prepareOld(pool: AuditFixture['pool']): Promise<void> {
  await pool.query(oldTable)
  for (const request of oldRequests) await pool.query(addRow, [request])
}

test('every route of the audit is one that a use is told apart by', async () => {
  audit = await startAudit()
  const { paths } = z
    .object({ paths: z.record(z.string(), z.unknown()) })
    .parse((await audit.app.inject('/openapi.json')).json())
  // What verifications found of the whole log names nobody, and asking for it leaves no trace.
  const isUse = (path: string) => path.startsWith('/v1/') && path !== '/v1/audit/verifications'
  const offered = Object.keys(paths).filter(isUse)
  assert.deepEqual(offered.map((path) => path.replaceAll(/\{(\w+)\}/g, ':$1')).sort(), [...askedRoutes].sort())
})
