import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Appender } from '@micropay/event-log/event-log'
import { openMemoryLog } from '@micropay/event-log/memory/event-log'
import { z } from 'zod'
import { listenToAccounts } from './account-events.fixture.ts'
import { type ReadServices, type ServiceName, serviceNames, startReadServices } from './read-services.fixture.ts'
import { type Book, type Tenant, tenants, writeBook } from './two-tenants.fixture.ts'

type Running = { readonly book: Book; readonly services: ReadServices; readonly appender: Appender }

/** One ledger of both tenants, and of each one in which it stands alone, at the same positions. */
let both: Running
let alone: Readonly<Record<Tenant, Running>>

before(async () => {
  both = await run(writeBook())
  alone = { acme: await run(writeBook(['acme'])), other: await run(writeBook(['other'])) }
})
after(async () => {
  for (const { services, appender } of [both, ...Object.values(alone)]) {
    await appender.close()
    await services.close()
  }
})

async function run(book: Book): Promise<Running> {
  const log = openMemoryLog()
  await log.prepare(1)
  const appender = await log.openAppender(0)
  await appender.append(book.records)
  const services = await startReadServices(log)
  for (const name of serviceNames) services[name].project()
  return { book, services, appender }
}

/** What is asked of each read route, by its path in the service's own OpenAPI document. */
const asked: Readonly<Record<ServiceName, Readonly<Record<string, (tenant: Tenant) => readonly string[]>>>> = {
  accounts: {
    '/v1/accounts': () => ['', '?limit=2', '?owner=customer:ada', '?currency=EUR', '?status=frozen', '?type=internal'],
    '/v1/accounts.csv': () => [''],
    '/v1/accounts/{accountId}': () => everyAccount,
    '/v1/accounts/{accountId}/entries': () =>
      everyAccount.flatMap((id) => [
        ...[id, `${id}?sort=value`, `${id}?from=2026-02-01`, `${id}?counterparty=bank`, `${id}?counterparty=of`],
        ...[`${id}?limit=1`, `${id}?text=of`],
      ]),
    '/v1/accounts/{accountId}/entries.csv': () => everyAccount,
    '/v1/accounts/{accountId}/balance': () =>
      everyAccount.flatMap((id) => [`${id}?at=2026-01-31`, `${id}?at=2026-02-28`, `${id}?at=2026-03-31`]),
    '/v1/payments': () => [
      ...['', '?limit=2', '?sort=value', '?status=rejected', '?status=posted', '?reference=INV-7', '?text=of'],
      ...everyAccount.flatMap((id) => [`?account=${id}`, `?account=${id}&sort=-value`, `?account=${id}&direction=in`]),
      ...['?counterparty=bob:main', '?counterparty=of', '?account=ada:main&status=rejected&sort=value'],
    ],
    '/v1/payments.csv': () => ['', '?account=ada:main'],
    '/v1/payments/{paymentId}': (tenant) =>
      (['sale', 'deposit', 'refund', 'refused'] as const).map((step) => `pay-0-${both.book.at(tenant, step)}`),
    '/v1/payees': () => [''],
    '/v1/approvals': () => ['', '?status=refused'],
    '/v1/approvals/{proposalId}': (tenant) => [`prp-0-${both.book.at(tenant, 'proposed')}`],
    '/v1/policies': () => [''],
  },
  reconciliation: {
    '/v1/under-way': () => ['', '?limit=1'],
    '/v1/trial-balance': () => [
      ...['', '?format=csv', '?day=2026-01-31', '?day=2026-02-28', '?sort=-debit&limit=2', '?text=of', '?path=income'],
      `?position=0:${both.book.ledger.position().seq}`,
    ],
    '/v1/chart-of-accounts': () => ['', '?day=2026-01-31'],
    '/v1/trial-balance/{accountId}/entries': () =>
      everyAccount.flatMap((id) => [id, `${id}?day=2026-01-31&sort=value`, `${id}?operation=acme payroll`]),
    '/v1/daily-totals': () => {
      const days = 'from=2026-01-01&to=2026-03-31'
      return [
        ...['none', 'account', 'operation', 'purpose'].map((by) => `?${days}&by=${by}`),
        ...[`?${days}&by=account&type=external`, `?${days}&by=account&account=ada:main`, `?${days}&type=internal`],
        `?${days}&by=account&type=customer&account=shop`,
      ]
    },
    '/v1/reconciliations': () => [
      '',
      '?account=bank',
      '?format=csv',
      '?withdrawn=true',
      '?account=bank&withdrawn=true',
    ],
    '/v1/reconciliations/{statementId}': () => [
      'jan?account=bank',
      'jan?account=bank&format=csv',
      'wrong?account=bank',
    ],
    '/v1/periods': () => [''],
    '/v1/periods/checklist': () => ['?through=2026-02-28', '?through=2026-03-31'],
    '/v1/periods/{periodId}': (tenant) => [`prd-0-${both.book.at(tenant, 'closed')}`],
  },
  audit: {
    '/v1/audit/accounts/{accountId}/replay': () => everyAccount.flatMap((id) => [id, `${id}?from=2&limit=1`]),
    '/v1/audit/records/{partition}/{seq}': (tenant) =>
      (['sale', 'closed', 'refused', 'policy'] as const).map((step) => `0/${both.book.at(tenant, step)}`),
    '/v1/audit/payments/{paymentId}': (tenant) => [`pay-0-${both.book.at(tenant, 'sale')}`],
    '/v1/audit/payments/{paymentId}/steps': (tenant) => [`pay-0-${both.book.at(tenant, 'sale')}`],
    // Who used the audit, and when: told by a test of its own.
    '/v1/audit/accesses': () => [],
    // Of the whole log, and no tenant's.
    '/v1/audit/partitions/{partition}/verify': () => [],
    '/v1/audit/verify': () => [],
    '/v1/audit/verifications': () => [],
  },
}
/** Told by a test of its own. */
const streams: readonly string[] = ['/v1/account-events']
const everyAccount = ['bank', 'ada:main', 'bob:main', 'shop']

for (const name of serviceNames) {
  test(`every read route of ${name} is asked`, async () => {
    await both.services[name].app.ready()
    const { paths } = z
      .object({ paths: z.record(z.string(), z.looseObject({})) })
      .parse(both.services[name].app.swagger())
    const offered = Object.keys(paths).filter((path) => paths[path]?.get && !streams.includes(path))
    assert.deepEqual(Object.keys(asked[name]).sort(), offered.sort())
  })

  for (const tenant of tenants) {
    for (const [path, queries] of Object.entries(asked[name])) {
      test(`${path} answers ${tenant} as if there were no other`, async () => {
        for (const query of queries(tenant)) {
          const url = urlOf(path, query)
          for (const who of whoMayAsk(path)) {
            const answer = await answerOf(both, name, url, `${who} ${tenant}`)
            assert.deepEqual(answer, await answerOf(alone[tenant], name, url, `${who} ${tenant}`), `${url} to ${who}`)
            assert.ok(answer.status === 200 || who !== 'staff', `${url}: ${JSON.stringify(answer)}`)
            assert.doesNotMatch(answer.text, new RegExp(tenant === 'acme' ? 'other' : 'acme'), url)
          }
        }
      })
    }
  }
}

/** `/v1/accounts/{accountId}/entries` of `bank?limit=1` is `/v1/accounts/bank/entries?limit=1`. */
function urlOf(path: string, query: string): string {
  const [named = '', filter] = query.split('?')
  const filled = path.replace(/\{.*\}/, named)
  return filter === undefined ? filled : `${filled}?${filter.replaceAll(' ', '%20')}`
}

function whoMayAsk(path: string): readonly string[] {
  return /^\/v1\/(accounts|payments|payees|approvals)/.test(path)
    ? ['staff', 'customer:ada', 'customer:bob']
    : ['staff']
}

/** Without what the bytes of the commits before it decide: hashes of the chain. */
async function answerOf({ book, services }: Running, name: ServiceName, url: string, authorization: string) {
  const headers = { authorization, 'at-least': `0:${book.ledger.position().seq}`, prefer: 'wait=10' }
  const { statusCode: status, body } = await services[name].app.inject({ method: 'GET', url, headers })
  const isChained = url.startsWith('/v1/audit/')
  return { status, text: isChained ? body.replaceAll(/[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])|[0-9a-f]{64}/g, '#') : body }
}

test('what the other has is not found: payments, approvals, periods, records', async () => {
  const { at } = both.book
  const theirs: readonly (readonly [ServiceName, string])[] = [
    ...(['sale', 'refund', 'refused'] as const).map(
      (step) => ['accounts', `/v1/payments/pay-0-${at('other', step)}`] as const,
    ),
    ['accounts', `/v1/approvals/prp-0-${at('other', 'proposed')}`],
    ['reconciliation', `/v1/periods/prd-0-${at('other', 'closed')}`],
    ['audit', `/v1/audit/records/0/${at('other', 'sale')}`],
    ['audit', `/v1/audit/payments/pay-0-${at('other', 'sale')}`],
    ['audit', `/v1/audit/payments/pay-0-${at('other', 'sale')}/steps`],
  ]
  for (const [name, url] of theirs) {
    assert.equal((await answerOf(both, name, url, 'staff acme')).status, 404, url)
    assert.equal((await answerOf(both, name, url, 'staff other')).status, 200, url)
  }
})

test('a cursor of one tenant opens no list of the other', async () => {
  for (const [name, url] of [
    ['accounts', '/v1/accounts/ada:main/entries?limit=1'],
    ['accounts', '/v1/payments?limit=1'],
    ['reconciliation', '/v1/trial-balance?limit=1'],
    ['audit', '/v1/audit/accounts/ada:main/replay?limit=1'],
  ] as const) {
    const { next } = z
      .object({ next: z.string() })
      .parse(JSON.parse((await answerOf(both, name, url, 'staff acme')).text))
    const on = `${url}&cursor=${encodeURIComponent(next)}`
    assert.equal((await answerOf(both, name, on, 'staff other')).status, 400, url)
    if (name !== 'audit') assert.equal((await answerOf(both, name, on, 'staff acme')).status, 200, url)
  }
})

test('who used the audit is told to their own tenant alone', async () => {
  for (const tenant of tenants) {
    await answerOf(both, 'audit', `/v1/audit/accounts/asked-by-${tenant}/replay`, `staff ${tenant}`)
  }
  for (const query of ['limit=500', 'text=asked-by', 'subject=finance:fay', 'format=csv']) {
    const { text } = await answerOf(both, 'audit', `/v1/audit/accesses?${query}`, 'staff acme')
    assert.match(text, /asked-by-acme/, query)
    assert.doesNotMatch(text, /asked-by-other/, query)
  }
})

test('live, each tenant is told of its own account alone, where both have one of the id', {
  timeout: 60_000,
}, async (t) => {
  const { ledger } = both.book
  const origin = await both.services.accounts.app.listen({ port: 0, host: '127.0.0.1' })
  const listen = (authorization: string) => listenToAccounts(origin, { authorization })
  const [acme, other] = [await listen('staff acme'), await listen('staff other')]
  await both.appender.append([
    ledger.pay([['bank', 'ada:main', 3]], { tenant: 'acme' }),
    ledger.pay([['bank', 'ada:main', 5_000, 'USD']], { tenant: 'other' }),
  ])
  t.after(() => [acme, other].map((stream) => stream.close()))
  const told = [
    ...[await acme.nextAccount(), await acme.nextAccount()],
    ...[await other.nextAccount(), await other.nextAccount()],
  ]
  assert.deepEqual(
    told.map(({ accountId, currency, balance }) => [accountId, currency, balance]),
    [
      ['bank', 'EUR', '-503'],
      ['ada:main', 'EUR', '443'],
      ['bank', 'USD', '-505000'],
      ['ada:main', 'USD', '445000'],
    ],
  )
})
