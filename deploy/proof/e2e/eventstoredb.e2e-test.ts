import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startTestServer, type TestServer } from '@micropay/event-log/eventstoredb/server.fixture'
import { Account } from '@micropay/schemas/api/account'
import { PaymentAccepted } from '@micropay/schemas/api/payment'
import type { Browser, Page } from 'playwright-core'
import { inspect, launchBrowser, withPage } from './browser.fixture.ts'
import { type Product, startProduct } from './product.fixture.ts'

let server: TestServer
let product: Product
let browser: Browser
before(async () => {
  server = await startTestServer()
  const environment = { EVENTSTORE_URL: server.url }
  ;[product, browser] = await Promise.all([
    startProduct({ log: 'eventstoredb', partitions: 2, environment }),
    launchBrowser(),
  ])
})
after(async () => {
  await browser?.close()
  await product?.[Symbol.asyncDispose]()
  await server?.close()
})

async function balanceOf(id: string, atLeast: string): Promise<bigint> {
  const headers = { 'at-least': atLeast, prefer: 'wait=10' }
  const answer = await product.as('olga').send({ method: 'GET', path: `/v1/accounts/${id}`, headers })
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  return BigInt(Account.parse(answer.body).balance)
}

test('a customer pays on a ledger in EventStoreDB, and sees it', { timeout: 120_000 }, async () => {
  const postings = [{ from: 'ada:main', to: 'ben:main', amount: '500', currency: 'EUR' }]
  const send = { method: 'POST', path: '/v1/payments', headers: { 'idempotency-key': 'one' } } as const
  const body = JSON.stringify({ postings, reference: 'rent' })
  const [first, again] = [
    await product.as('ada').send({ ...send, body }),
    await product.as('ada').send({ ...send, body }),
  ]
  assert.equal(first.status, 201, JSON.stringify(first.body))
  const { paymentId } = PaymentAccepted.parse(first.body)
  assert.equal(PaymentAccepted.parse(again.body).paymentId, paymentId)
  const atLeast = String(first.headers.position)
  const before = await balanceOf('ada:main', atLeast)
  const next = await product.as('ada').send({ ...send, headers: { 'idempotency-key': 'two' }, body })
  assert.equal(await balanceOf('ada:main', String(next.headers.position)), before - 500n)
  await withPage(browser, product.running.url, 'Ada', async (page: Page) => {
    await page.goto(`${product.running.url}/payments/${paymentId}`)
    await page.getByText('Posted').first().waitFor()
    await inspect(page, 'eventstoredb-payment')
  })
})

test('micropay verify judges it sound, straight from there', { timeout: 60_000 }, async () => {
  const { code, output } = await product.micropay('verify').ended
  assert.equal(code, 0, output)
  assert.match(output, /sound/)
})
