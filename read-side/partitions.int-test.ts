import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openMemoryLog } from '@micropay/event-log/memory/event-log'
import type { Worker } from '@micropay/projections/serve/worker'
import { begunSchema, eventually, liveSchema } from '@micropay/projections/versions/projections.fixture'
import { parsePositions } from '@micropay/schemas/position'
import { z } from 'zod'
import { listenToAccounts } from './account-events.fixture.ts'
import { type ReadServices, type ServiceName, startReadServices } from './read-services.fixture.ts'
import { everyAccount, type SpreadBook, tags, writeSpreadBook } from './spread-book.fixture.ts'

type Running = {
  readonly book: SpreadBook
  readonly services: ReadServices
  readonly workers: Readonly<Record<ServiceName, Worker>>
}

/** One partition is what the others must answer like. */
let single: Running
let spread: readonly Running[]

before(async () => {
  ;[single, ...spread] = (await Promise.all([1, 4, 8, 64].map(run))) as [Running, ...Running[]]
})
after(async () => {
  for (const { services, book } of [single, ...spread]) {
    await services.close()
    await book.log.close()
  }
})

async function run(partitions: number): Promise<Running> {
  const book = await writeSpreadBook(openMemoryLog(), partitions)
  const services = await startReadServices(book.log)
  const workers = {
    accounts: services.accounts.project(),
    reconciliation: services.reconciliation.project(),
    audit: services.audit.project(),
  }
  return { book, services, workers }
}

const some = everyAccount.filter((_, index) => index % 13 === 0).map(encodeURIComponent)
const days = 'from=2026-01-01&to=2026-03-31'

/** What is asked, of the book as it lies: paths, or what makes one of the positions that a ledger has. */
const asked: Readonly<Record<Exclude<ServiceName, 'audit'>, readonly (string | ((book: SpreadBook) => string))[]>> = {
  accounts: [
    ...['', '?limit=40', '?owner=customer:ada', '?status=frozen&limit=40', '?type=internal'].map(
      (q) => `/v1/accounts${q}`,
    ),
    '/v1/accounts.csv',
    ...some.flatMap((id) => [
      ...[`/v1/accounts/${id}`, `/v1/accounts/${id}/entries`, `/v1/accounts/${id}/entries?limit=2&sort=value`],
      ...[`/v1/accounts/${id}/entries.csv`, `/v1/accounts/${id}/balance?at=2026-02-01`],
      ...[`/v1/payments?account=${id}&limit=4`, `/v1/payments?account=${id}&sort=-value&direction=in`],
    ]),
    ...[
      '',
      '?limit=40',
      '?limit=40&sort=value',
      '?limit=40&sort=-value',
      '?limit=40&status=rejected',
      '?limit=40&status=posted',
    ].map((q) => `/v1/payments${q}`),
    ...[
      '?reference=INV-7&limit=40',
      '?text=bought&limit=40',
      '?counterparty=Bob&limit=40',
      '?minAmount=2000&limit=40',
    ].map((q) => `/v1/payments${q}`),
    '/v1/payments.csv',
    ...['sale1', 'refund2', 'refused3'].map((step) => ({ at }: SpreadBook) => {
      const { partition, seq } = at(`e-${step}`)
      return `/v1/payments/pay-${partition}-${seq}`
    }),
  ],
  reconciliation: [
    ...[
      '',
      '?format=csv',
      '?limit=40',
      '?day=2026-01-31',
      '?day=2026-02-10&limit=40',
      '?sort=-debit&limit=40',
      '?text=bank',
    ].map((q) => `/v1/trial-balance${q}`),
    ...['c-sale1', 'h-split2', 'l-frozen4'].map(
      (step) => (book: SpreadBook) => `/v1/trial-balance?position=${book.vectorAfter(step)}`,
    ),
    ...some.map((id) => `/v1/trial-balance/${id}/entries?limit=3`),
    ...some.map(
      (id) => (book: SpreadBook) => `/v1/trial-balance/${id}/entries?position=${book.vectorAfter('h-split2')}`,
    ),
    ...['', '?day=2026-01-31'].map((q) => `/v1/chart-of-accounts${q}`),
    ...['none', 'account', 'operation', 'purpose'].map((by) => `/v1/daily-totals?${days}&by=${by}`),
    `/v1/daily-totals?${days}&type=internal`,
    ...['', '?limit=40', '?limit=3', '?format=csv'].map((q) => `/v1/reconciliations${q}`),
    ...tags.map((tag) => `/v1/reconciliations/jan?account=${encodeURIComponent(`{${tag}}bank`)}`),
  ],
}

for (const name of ['accounts', 'reconciliation'] as const) {
  test(`${name} answers alike whatever the number of partitions`, async () => compareAll(name))
}

test('a rebuild reads all partitions, and the version that takes over at their vector answers alike', async () => {
  for (const { workers, services } of spread) {
    for (const name of ['accounts', 'reconciliation'] as const) {
      const schema = await begunSchema(workers[name].startRebuild())
      await eventually(`${schema} is live`, async () =>
        (await liveSchema(services[name].pool)) === schema ? true : undefined,
      )
    }
  }
  for (const name of ['accounts', 'reconciliation'] as const) await compareAll(name, 4)
})

test('the audit shows and verifies what each partition holds, and replays an account of any of them', async () => {
  for (const running of [single, ...spread]) {
    const { book, services } = running
    const ask = (url: string) => services.audit.app.inject({ method: 'GET', url, headers: headersOf(running) })
    let commits = 0
    for (let partition = 0; partition < book.partitions; partition += 1) {
      const answer = await ask(`/v1/audit/partitions/${partition}/verify`)
      const lines = answer.body.trimEnd().split('\n')
      const { result } = z.object({ result: Verified }).parse(JSON.parse(lines.at(-1) ?? ''))
      assert.deepEqual([result.verification.partition, result.verification.faults], [partition, []])
      commits += result.verification.commits
    }
    assert.equal(commits, book.steps)
    assert.equal((await ask(`/v1/audit/partitions/${book.partitions}/verify`)).statusCode, 404)
    for (const step of ['b-sale1', 'g-refund3', 'l-statement4']) {
      const { partition, seq } = book.at(step)
      const record = await ask(`/v1/audit/records/${partition}/${seq}`)
      assert.deepEqual([record.statusCode, record.json().position], [200, `${partition}:${seq}`])
    }
    const { partition, seq } = book.at('g-refund3')
    assert.equal((await ask(`/v1/audit/payments/pay-${partition}-${seq}`)).statusCode, 200)
    const replay = await ask(`/v1/audit/accounts/${encodeURIComponent('{g}ada')}/replay?limit=100`)
    assert.match(replay.body, /"5814"/)
  }
})

const Verified = z.object({
  verification: z.object({ partition: z.int(), faults: z.array(z.unknown()), commits: z.int() }),
})

test('who asks for a vector of positions waits for all of them, and for no partition that there is not', async () => {
  for (const running of spread) {
    const { book, services } = running
    const read = (atLeast: string, prefer: string) =>
      services.accounts.app.inject({
        ...{ method: 'GET', url: '/v1/accounts?limit=1' },
        headers: { ...headersOf(running), 'at-least': atLeast, prefer },
      })
    assert.equal((await read(`${book.end()},${book.partitions}:1`, 'wait=10')).statusCode, 400)
    const ahead = book.end().replace(/[0-9]+$/, (seq) => String(Number(seq) + 1))
    assert.equal((await read(ahead, 'wait=0')).json().code, 'projection_behind')
    const [first, second] = [read(`${book.end()}`, 'wait=10'), book.pay('a-late', 'a', 5)]
    await second
    assert.equal((await first).statusCode, 200)
    assert.equal((await read(book.end(), 'wait=10')).headers.position, book.end())
  }
})

test('live updates tell of all partitions, and go on from a vector', { timeout: 60_000 }, async (context) => {
  for (const running of spread.slice(0, 2)) {
    const { book, services } = running
    const origin = await services.accounts.app.listen({ port: 0, host: '127.0.0.1' })
    const listen = async (more = {}) => {
      const stream = await listenToAccounts(origin, { ...headersOf(running), ...more })
      context.after(() => stream.close())
      return stream
    }
    const stream = await listen()
    assert.equal(parsePositions(stream.greeting.id)?.length, book.partitions)
    for (const tag of tags) await book.pay(`${tag}-live`, tag, 7)
    const paid = tags.flatMap((tag) => [`{${tag}}ada`, `{${tag}}bank`])
    assert.deepEqual(await toldOf(stream, paid.length), paid)
    // At least once: what changed at the very id comes again, too.
    const again = await listen({ 'last-event-id': stream.greeting.id })
    const told = new Set<string>()
    while (!paid.every((accountId) => told.has(accountId))) told.add((await again.nextAccount()).accountId)
  }
})

/** So many accounts, as they are called. */
async function toldOf(stream: Awaited<ReturnType<typeof listenToAccounts>>, count: number): Promise<string[]> {
  const told = new Set<string>()
  while (told.size < count) told.add((await stream.nextAccount()).accountId)
  return [...told].sort()
}

/** Every query, or one of so many. */
async function compareAll(name: keyof typeof asked, oneOf = 1): Promise<void> {
  for (const query of asked[name].filter((_, index) => index % oneOf === 0)) {
    const urlIn = ({ book }: Running) => (typeof query === 'string' ? query : query(book))
    for (const who of name === 'accounts' ? ['staff', 'customer:ada', 'customer:bob'] : ['staff']) {
      const expected = await pagesOf(single, name, urlIn(single), who)
      assert.ok(expected[0]?.startsWith('200') || who !== 'staff', `${urlIn(single)}: ${expected}`)
      for (const other of spread) {
        const pages = await pagesOf(other, name, urlIn(other), who)
        assert.deepEqual(pages, expected, `${urlIn(other)} of ${other.book.partitions} partitions, to ${who}`)
      }
    }
  }
}

function headersOf({ book }: Pick<Running, 'book'>, who = 'staff') {
  return { authorization: `${who} acme`, 'at-least': book.end(), prefer: 'wait=10' }
}

const WithNext = z.looseObject({ next: z.string().nullish() })

/** All pages, with what is named after a place in the ledger called by its step. */
async function pagesOf({ book, services }: Running, name: ServiceName, url: string, who: string): Promise<string[]> {
  const pages: string[] = []
  let next: string | null | undefined
  do {
    const cursor = next ? `${url.includes('?') ? '&' : '?'}cursor=${encodeURIComponent(next)}` : ''
    const headers = headersOf({ book }, who)
    const answer = await services[name].app.inject({ method: 'GET', url: `${url}${cursor}`, headers })
    const isJson = String(answer.headers['content-type']).startsWith('application/json')
    const body = isJson ? WithNext.safeParse(answer.json()).data : undefined
    next = body?.next
    const text = body ? JSON.stringify({ ...body, next: typeof next }) : answer.body
    pages.push(`${answer.statusCode} ${book.named(text)}`)
    if (answer.statusCode === 200) assert.equal(answer.headers.position, book.end(), url)
  } while (next)
  return pages
}
