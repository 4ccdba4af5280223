import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { inspect, launchBrowser, withPage } from './browser.fixture.ts'
import { type Product, startProduct } from './product.fixture.ts'

let product: Product
let browser: Browser
before(async () => {
  ;[product, browser] = await Promise.all([startProduct({ partitions: 2 }), launchBrowser()])
})
after(async () => {
  await browser.close()
  await product[Symbol.asyncDispose]()
})

const button = (page: Page, name: string) => page.getByRole('button', { name })
const posted = (page: Page) => page.getByRole('heading', { name: 'Payment posted' })
const notYet = (page: Page) => page.getByRole('heading', { name: 'Not paid yet' })

async function send(page: Page, amount: string, to = 'ben:main'): Promise<void> {
  await page.goto(`${product.running.url}/send?from=ada:main&to=${to}`)
  await page.getByLabel('Amount').fill(amount)
  await button(page, 'Continue').click()
  await page.getByRole('heading', { name: 'Check and confirm' }).waitFor()
  await button(page, 'Send money').click()
}

/** The keys that payments go out with. */
function keysSent(page: Page): string[] {
  const keys: string[] = []
  page.on('request', (request) => {
    const isPayment = request.url().endsWith('/v1/payments') && request.method() === 'POST'
    if (isPayment && !request.postData()?.includes('dryRun')) keys.push(request.headers()['idempotency-key'] ?? '')
  })
  return keys
}

test('finance sets from which amount on customers confirm their payments', { timeout: 120_000 }, async () => {
  const { url } = product.running
  await withPage(browser, url, 'Fiona Ledger', async (page) => {
    await page.goto(`${url}/policies`)
    const row = page.getByRole('row').filter({ hasText: 'Pay from one’s own account' })
    await row.getByText('nothing more').waitFor()
    await row.getByRole('button').click()
    await page.getByLabel('Above').fill('100')
    await page.getByText('From now on it needs to be confirmed by who pays above 100.00 EUR').waitFor()
    await inspect(page, 'confirmation-rule')
    await button(page, 'Set the rule').click()
    await row.getByText('to be confirmed by who pays above 100.00 EUR or in another currency').waitFor()
  })
})

test('a customer confirms a payment where they sign in, and it is made when they are back, by the same key', {
  timeout: 120_000,
}, async () => {
  await withPage(browser, product.running.url, 'Ada Lovelace', async (page) => {
    const keys = keysSent(page)
    await send(page, '100.00')
    await posted(page).waitFor()

    await send(page, '123.45')
    await notYet(page).waitFor()
    await page.getByText('123.45 EUR to ben:main').waitFor()
    await inspect(page, 'payment-to-confirm')
    await button(page, 'Confirm payment').click()
    await page.getByText('123.45 EUR', { exact: true }).waitFor()
    await page.getByText('to account ben:main').waitFor()
    await inspect(page, 'issuer-confirms')
    await button(page, 'Do not confirm').click()
    await notYet(page).waitFor()

    await button(page, 'Confirm payment').click()
    await button(page, 'Confirm as Ada Lovelace').click()
    await posted(page).waitFor()
    await inspect(page, 'payment-confirmed')
    const [, ...ofTheSecond] = keys
    assert.equal(ofTheSecond.length, 3, 'sent, not confirmed, confirmed')
    assert.equal(new Set(ofTheSecond).size, 1)

    // What was confirmed says nothing of the next one, and a page that comes back makes nothing twice.
    await page.reload()
    await page.getByLabel('Amount').waitFor()
    await send(page, '123.45', 'chloe:main')
    await notYet(page).waitFor()
    await button(page, 'Change payment').click()
    await page.getByLabel('Amount').fill('5.00')
    await button(page, 'Continue').click()
    await button(page, 'Send money').click()
    await posted(page).waitFor()
  })
})

test('who gives much back confirms it beside the page, and presses again', { timeout: 120_000 }, async () => {
  const { url } = product.running
  await withPage(browser, url, 'Ben Franklin', async (page) => {
    await page.goto(`${url}/payments`)
    await page.getByRole('row').filter({ hasText: '123.45' }).getByRole('link').first().click()
    await page.getByRole('link', { name: 'Refund' }).click()
    await page.getByLabel('Reason').fill('It was a gift')
    await button(page, 'Continue').click()
    await page.getByRole('heading', { name: 'Check and confirm' }).waitFor()
    const giveBack = button(page, 'Give the money back')
    await giveBack.click()
    const link = page.getByRole('link', { name: 'Confirm in a new tab' })
    await link.waitFor()
    await inspect(page, 'refund-to-confirm')
    const opened = page.context().waitForEvent('page')
    await link.click()
    const beside = await opened
    await button(beside, 'Confirm as Ben Franklin').click()
    await beside.getByRole('heading', { level: 1 }).waitFor()
    await giveBack.click()
    await page.getByText('This is a refund').waitFor()
  })
})
