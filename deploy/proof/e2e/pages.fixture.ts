import assert from 'node:assert/strict'
import { PeriodChecklist } from '@micropay/schemas/api/period'
import { type PagePath, pages } from '@micropay/ui/src/app/routes/tree'
import type { Page } from 'playwright-core'
import { bankPayments, bankPaymentsAt, bankStatement } from './bank-statement.fixture.ts'
import type { Product } from './product.fixture.ts'

/** A page as somebody comes to it: `shows` is there when its data is. */
export type Visit = {
  readonly as: string
  readonly path: string
  readonly shows: (page: Page) => ReturnType<Page['getByText']>
  /** Whether its tables have more columns than a phone has room for, and scroll. */
  readonly tablesScroll?: boolean
}

const row = (text: string) => (page: Page) => page.getByRole('row').filter({ hasText: text }).first()
const text = (words: string | RegExp) => (page: Page) => page.getByText(words).first()
const heading = (name: string | RegExp) => (page: Page) => page.getByRole('heading', { name }).first()

/** Every page of the UI by its address in the route tree, each as one who works with it. */
export const visits: Readonly<Record<PagePath, Visit>> = {
  '/': { as: 'Ada Lovelace', path: '/', shows: heading('Latest payments') },
  '/send': { as: 'Ada Lovelace', path: '/send?from=ada:main&to=ben:main', shows: text(/^Available/) },
  '/payees': { as: 'Ada Lovelace', path: '/payees?sort=-name', shows: row('ben:main') },
  '/payments': { as: 'Ada Lovelace', path: '/payments?sort=decided', shows: row('SALARY 1') },
  '/payments/$paymentId': { as: 'Ada Lovelace', path: '/payments/PAYMENT', shows: row('ada:main') },
  '/payments/$paymentId/receipt': { as: 'Ada Lovelace', path: '/payments/PAYMENT/receipt', shows: text('E2E-100') },
  '/payments/$paymentId/refund': { as: 'Olga Teller', path: '/payments/PAYMENT/refund', shows: text('Give back') },
  '/accounts/$accountId': { as: 'Ada Lovelace', path: '/accounts/ada:main?on=2026-03-02', shows: row('Payment') },
  '/accounts': { as: 'Olga Teller', path: '/accounts?sort=-balance', shows: row('ada:main') },
  '/open-account': { as: 'Olga Teller', path: '/open-account', shows: heading('Open account') },
  '/deposit': { as: 'Olga Teller', path: '/deposit?to=ada:main', shows: text(/owner customer:ada/) },
  '/withdraw': { as: 'Olga Teller', path: '/withdraw?from=ada:main', shows: text(/owner customer:ada/) },
  '/journal': { as: 'Olga Teller', path: '/journal', shows: text('Nothing moves yet') },
  '/trial-balance': { as: 'Fiona Ledger', path: '/trial-balance?sort=-credit', shows: row('ada:main') },
  '/trial-balance/$accountId': {
    ...{ as: 'Fiona Ledger', path: '/trial-balance/bank:house?from=2026-03-01&day=2026-03-31' },
    shows: row('E2E-100'),
  },
  '/daily-totals': { as: 'Fiona Ledger', path: '/daily-totals?by=account', shows: row('Total EUR') },
  '/chart-of-accounts': { as: 'Fiona Ledger', path: '/chart-of-accounts', shows: row('liabilities') },
  '/reconcile': { as: 'Fiona Ledger', path: '/reconcile', shows: row('2026-061') },
  '/reconcile/$statementId': {
    ...{ as: 'Fiona Ledger', path: '/reconcile/2026-061?account=bank:house' },
    shows: row('Missing here'),
  },
  '/periods': { as: 'Fiona Ledger', path: '/periods', shows: row('Up to 2025-05-31') },
  '/periods/$periodId': {
    ...{ as: 'Fiona Ledger', path: '/periods/PERIOD' },
    shows: text('The figures are the ones that were sealed'),
  },
  '/close-period': {
    ...{ as: 'Fiona Ledger', path: '/close-period?through=2026-03-31' },
    shows: row('missing at the bank'),
  },
  '/approvals': { as: 'Frank Pacioli', path: '/approvals', shows: row('Reopen period') },
  '/approvals/$proposalId': {
    ...{ as: 'Frank Pacioli', path: '/approvals/PROPOSAL' },
    shows: text('If you approve now'),
  },
  '/policies': { as: 'Frank Pacioli', path: '/policies', shows: row('two persons') },
  '/audit': { as: 'Vera Proof', path: '/audit', shows: heading('Replay an account') },
  '/audit/accounts/$accountId': { as: 'Vera Proof', path: '/audit/accounts/ada:main?step=3', shows: row('SALARY 1') },
  '/audit/records/$position': { as: 'Vera Proof', path: '/audit/records/POSITION', shows: text('Command') },
  '/audit/verify': { as: 'Vera Proof', path: '/audit/verify', shows: heading('What is checked') },
  '/audit/accesses': { as: 'Vera Proof', path: '/audit/accesses?text=records', shows: row('GET /v1/audit/records') },
  '/projections': {
    ...{ as: 'Sam Uptime', path: '/projections?sort=-rate', tablesScroll: true },
    shows: (page) => page.locator('canvas').nth(2),
  },
}

/** What stands where there is no page, nothing to show, or no answer. */
export const states: Readonly<Record<string, Visit>> = {
  'not-found': { as: 'Ada Lovelace', path: '/nowhere', shows: text('There is nothing at this address') },
  'not-allowed': {
    ...{ as: 'Ada Lovelace', path: '/trial-balance?day=2026-03-31' },
    shows: text('This page is for finance, who close the books'),
  },
  'ignored-address': {
    ...{ as: 'Fiona Ledger', path: '/trial-balance?position=zzz&day=1800-01-01&zone=Mars/Base&cursor=abc' },
    shows: text('cursor=abc'),
  },
  empty: { as: 'Fiona Ledger', path: '/daily-totals?to=1990-01-31', shows: text('Nothing was booked in these days') },
  error: { as: 'Fiona Ledger', path: '/trial-balance?path=%25', shows: text('The trial balance could not be loaded') },
}

const nameOf = (pattern: string) => `page${pattern === '/' ? '-home' : pattern.replaceAll(/[/$]+/g, '-')}`
/** Every page in every state, by the name of its picture. */
export const all: readonly (readonly [name: string, visit: Visit])[] = [
  ...Object.entries(visits).map(([pattern, visit]) => [nameOf(pattern), visit] as const),
  ...Object.entries(states).map(([name, visit]) => [`page-${name}`, visit] as const),
]

/** The name of the tab, as the page declares it; what its address names stands in it, or the name of that. */
export const titles = new Map(
  pages.map(({ path, title }) => [nameOf(path), new RegExp(`^${title.replaceAll(/\$\w+/g, '.+')} · MicroPay$`)]),
)

/** What a browser gets before any page: index.html and all that it links, with the bytes that are sent of each. */
export async function firstLoad(url: string): Promise<readonly { readonly path: string; readonly bytes: number }[]> {
  const page = await fetch(url, { headers: { accept: 'text/html' } })
  const linked = [...(await page.text()).matchAll(/(?:src|href)="(\/[^"]+)"/g)].flatMap(([, path]) => path ?? [])
  const files = ['/', ...linked].map(async (path) => {
    const headers = { accept: 'text/html,*/*', 'accept-encoding': 'gzip' }
    const answer = await fetch(`${url}${path}`, { method: 'HEAD', headers })
    assert.equal(answer.status, 200, path)
    return { path, bytes: Number(answer.headers.get('content-length')) }
  })
  return (await Promise.all(files)).toSorted((a, b) => b.bytes - a.bytes)
}

/** What paths name of what was prepared, by the word that stands for it there. */
export type Named = Readonly<Record<'PAYMENT' | 'POSITION' | 'PERIOD' | 'PROPOSAL', string>>

export function withNames(path: string, named: Named): string {
  return path.replace(/PAYMENT|POSITION|PERIOD|PROPOSAL/, (word) => named[word as keyof Named])
}

/** A statement that matches in part, a saved payee, a closed period and a proposal, and what paths name. */
export async function prepare(product: Product): Promise<Named> {
  let commands = 0
  const send = async (persona: string, path: string, body: string, headers: Record<string, string> = {}) => {
    commands += 1
    const answer = await product.as(persona).send({
      ...{ method: 'POST', path, body },
      headers: { 'idempotency-key': `pages-${commands}`, ...headers },
    })
    assert.ok(answer.status === 201 || answer.status === 202, JSON.stringify(answer.body))
    return String(answer.headers.position)
  }
  const bank = { accountId: 'bank:house', type: 'external', currency: 'EUR', owner: 'house:micropay' }
  await send('olga', '/v1/accounts', JSON.stringify({ ...bank, path: 'assets/banks/house' }))
  const positions: string[] = []
  for (const [from, to, amount, reference] of bankPayments) {
    const postings = [{ from, to, amount, currency: 'EUR' }]
    const payment = { postings, reference, effectiveAt: bankPaymentsAt }
    positions.push(await send('olga', '/v1/payments', JSON.stringify(payment)))
  }
  await send('fiona', '/v1/statements?account=bank:house', bankStatement, { 'content-type': 'application/xml' })
  await send('ada', '/v1/payees', JSON.stringify({ alias: 'Ben F.', accountId: 'ben:main' }))
  const closed = await send('fiona', '/v1/periods', JSON.stringify(await checklistOf(product, '2025-05-31')))
  const periodId = idAt('prd', closed)
  const reason = JSON.stringify({ reason: 'An invoice of May came late' })
  const proposed = await send('fiona', `/v1/periods/${periodId}/reopen`, reason)
  const position = positions[0] ?? ''
  return { POSITION: position, PAYMENT: idAt('pay', position), PERIOD: periodId, PROPOSAL: idAt('prp', proposed) }
}

const idAt = (kind: string, position: string) => `${kind}-${position.replace(':', '-')}`

/** What `POST /v1/periods` takes of the checklist. */
export async function checklistOf(product: Product, through: string) {
  const path = `/v1/periods/checklist?through=${through}`
  const answer = await product.as('fiona').send({ method: 'GET', path })
  const { seq, digest } = PeriodChecklist.parse(answer.body)
  return { through, seq, digest }
}
