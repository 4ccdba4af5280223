import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser } from 'playwright-core'
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

test('a range the wrong way round is told at its field and keeps the list; it is asked for once it is in order', {
  timeout: 60_000,
}, async () => {
  await withPage(browser, product.running.url, 'Ada Lovelace', async (page) => {
    await page.goto(`${product.running.url}/payments?from=2020-01-01&to=2999-12-31&minAmount=100&maxAmount=999999`)
    await page.getByText(/Payments shown: [1-9]/).waitFor()
    await page.getByLabel('To day').fill('2019-12-31')
    await page.getByText('The last day must not be before the first.').waitFor()
    await page.getByLabel('At most').fill('0.50')
    await page.getByLabel('At most').press('Enter')
    await page.getByText('At most must not be less than at least.').waitFor()
    await page.getByText(/Payments shown: [1-9]/).waitFor()
    assert.match(page.url(), /to=2999-12-31.*maxAmount=999999/)
    await inspect(page, 'ranges-backwards')
    await page.getByLabel('From day').fill('2019-01-01')
    await page.getByText('The last day must not be before the first.').waitFor({ state: 'detached' })
    await page.waitForURL(/from=2019-01-01&to=2019-12-31/)
    await page.getByLabel('At least').fill('0.10')
    await page.getByLabel('At least').press('Enter')
    await page.waitForURL(/minAmount=10&maxAmount=50/)
  })
})
