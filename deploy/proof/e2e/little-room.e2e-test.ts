import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { bankStatement } from './bank-statement.fixture.ts'
import { inspect, launchBrowser, withPage } from './browser.fixture.ts'
import { type Product, startProduct } from './product.fixture.ts'

let product: Product
let browser: Browser
before(async () => {
  ;[product, browser] = await Promise.all([startProduct(), launchBrowser()])
})
after(async () => {
  await browser.close()
  await product[Symbol.asyncDispose]()
})

async function send(path: string, key: string, body: object | string, as = 'olga'): Promise<string> {
  const isFile = typeof body === 'string'
  const headers = { 'idempotency-key': key, ...(isFile ? { 'content-type': 'application/xml' } : {}) }
  const text = isFile ? body : JSON.stringify(body)
  const answer = await product.as(as).send({ method: 'POST', path, body: text, headers })
  assert.equal(answer.status, 201, JSON.stringify(answer.body))
  return String(answer.headers.position)
}

/** The most that a leg moves, in minor units. */
const most = '1000000000000000'
const legs = (times: number) =>
  [`-${most}`, most].flatMap((amount) =>
    Array.from({ length: times }, () => ({ account: amount === most ? 'rich' : 'cash:eur', amount, currency: 'EUR' })),
  )

/** Whether one figure of an account lies over another. */
const figuresOverlap = () => {
  const boxes = [...document.querySelectorAll('dd > *')].map((figure) => figure.getBoundingClientRect())
  return boxes.some((box, index) =>
    boxes.slice(index + 1).some((other) => {
      const isBeside = box.right <= other.left || other.right <= box.left
      return !isBeside && box.bottom > other.top && other.bottom > box.top
    }),
  )
}

test('the largest payment and a balance of a hundred of them fit a phone, and no figure lies over another', {
  timeout: 60_000,
}, async () => {
  await send('/v1/accounts', 'rich', { accountId: 'rich', type: 'customer', currency: 'EUR', owner: 'customer:ben' })
  const paymentId = `pay-${(await send('/v1/payments', 'once', { legs: legs(1) })).replace(':', '-')}`
  await send('/v1/payments', 'often', { legs: legs(100) })
  await withPage(browser, product.running.url, 'Ben Franklin', async (page) => {
    for (const [path, figure, name] of [
      ['/', '1,010,000,000,000,000.00', 'largest-home'],
      ['/accounts/rich', '1,010,000,000,000,000.00', 'largest-account'],
      [`/payments/${paymentId}`, '10,000,000,000,000.00', 'largest-payment'],
      [`/payments/${paymentId}/receipt`, '10,000,000,000,000.00', 'largest-receipt'],
    ] as const) {
      await page.goto(product.running.url + path)
      await page.getByText(figure).filter({ visible: true }).first().waitFor()
      // A list of such amounts scrolls within its own box.
      await inspect(page, name, { tablesScroll: true })
      if (path === '/accounts/rich') assert.equal(await page.evaluate(figuresOverlap), false)
    }
  })
  await withPage(browser, product.running.url, 'Olga Teller', async (page) => {
    await page.goto(`${product.running.url}/payments/${paymentId}/refund`)
    await page.getByLabel('Reason').fill('By mistake')
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByRole('heading', { name: 'Check and confirm' }).waitFor()
    await inspect(page, 'largest-refund-review', { tablesScroll: true })
  })
})

test('statements that a bank gave no id, and the id that they get, fit a phone', { timeout: 60_000 }, async () => {
  await send('/v1/accounts', 'bank', { accountId: 'bank:house', type: 'external', currency: 'EUR', owner: 'house:a' })
  await send('/v1/statements?account=bank:house', 'nameless', bankStatement.replace('2026-061', ''), 'fiona')
  await withPage(browser, product.running.url, 'Fiona Ledger', async (page) => {
    for (const path of ['/reconcile', '/reconcile?account=bank:house']) {
      await page.goto(product.running.url + path)
      await page.getByRole('row').filter({ hasText: 'bank:house' }).waitFor()
      await inspect(page, `nameless${path.length}`)
    }
  })
})
