import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { inspect, launchBrowser, withPage } from './browser.fixture.ts'
import { type Product, startProduct } from './product.fixture.ts'

let product: Product
let browser: Browser
before(async () => {
  ;[product, browser] = await Promise.all([startProduct(), launchBrowser()])
  const gus = { type: 'customer', currency: 'EUR', owner: 'customer:gus', name: 'Gustav Kirchhoff' }
  const opened = await product.as('olga').send({
    ...{ method: 'POST', path: '/v1/accounts', headers: { 'idempotency-key': 'gus' } },
    body: JSON.stringify({ accountId: 'gus:main', ...gus }),
  })
  assert.equal(opened.status, 201, JSON.stringify(opened.body))
})
after(async () => {
  await browser.close()
  await product[Symbol.asyncDispose]()
})

async function review(page: Page, holder: string): Promise<void> {
  await page.goto(`${product.running.url}/send?to=gus:main`)
  await page.getByLabel('Amount').fill('1.25')
  await page.getByLabel('Account holder').fill(holder)
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByRole('heading', { name: 'Check and confirm' }).waitFor()
}

test('who pays by an account id sees whether the holder’s name is the one on the account, before anything moves', {
  timeout: 120_000,
}, async () => {
  await withPage(browser, product.running.url, 'Ada Lovelace', async (page) => {
    const asked: string[] = []
    page.on('request', (request) => {
      if (request.url().endsWith('/v1/payees/check')) asked.push(request.postData() ?? '')
    })
    await review(page, 'Herr Kirchhoff, GUSTAV')
    await page.getByText('The name matches').waitFor()
    await inspect(page, 'name-matches')
    await review(page, 'Gustaf Kirchoff')
    const meant = page.getByText('Did you mean Gustav Kirchhoff?')
    await meant.waitFor()
    assert.equal(await meant.locator('bdi').textContent(), 'Gustav Kirchhoff')
    await inspect(page, 'name-is-close')
    await page.getByRole('button', { name: 'Change' }).click()
    await page.getByLabel('Amount').fill('1.26')
    await page.getByRole('button', { name: 'Continue' }).click()
    await meant.waitFor()
    assert.equal(asked.length, 2, 'what was told once is not asked again')

    await review(page, 'Ada Byron')
    await page.getByText('The account is not held under the name you typed').waitFor()
    assert.equal(await page.getByText('Gustav').count(), 0)
    await inspect(page, 'name-is-another')
    await page.getByRole('button', { name: 'Send money anyway' }).click()
    await page.getByRole('heading', { name: 'Payment posted' }).waitFor()
  })
})

test('a payee is saved once the name was looked at, or as it is', { timeout: 120_000 }, async () => {
  await withPage(browser, product.running.url, 'Ada Lovelace', async (page) => {
    const fill = async (accountId: string, holder: string) => {
      await page.getByLabel('Name', { exact: true }).fill('B')
      await page.getByLabel('Account id').fill(accountId)
      await page.getByLabel('Account holder').fill(holder)
      await page.getByRole('button', { name: 'Check the name' }).click()
    }
    await page.goto(`${product.running.url}/payees`)
    await fill('nobody:main', 'Nobody')
    await page.getByText('nobody:main cannot be paid').waitFor()
    await inspect(page, 'payee-not-payable')
    await fill('gus:main', 'Kirchhoff')
    await page.getByText('Did you mean Gustav Kirchhoff?').waitFor()
    await inspect(page, 'payee-name-is-close')
    await page.getByLabel('Account holder').fill('Ada')
    await page.getByRole('button', { name: 'Check the name' }).click()
    await page.getByRole('button', { name: 'Save payee anyway' }).waitFor()
    await page.getByLabel('Account holder').fill('Kirchhoff')
    await page.getByRole('button', { name: 'Save payee', exact: true }).click()
    await page.getByRole('row').filter({ hasText: 'gus:main' }).getByText('B', { exact: true }).waitFor()
  })
})

test('who has asked often enough is told when they can again, and may pay all the same; an auditor sees who asked', {
  timeout: 120_000,
}, async () => {
  const body = JSON.stringify({ accountId: 'ada:main', name: 'Ada' })
  for (let asked = 0; asked < 20; asked += 1) {
    const answer = await product.as('ben').send({
      ...{ method: 'POST', path: '/v1/payees/check', headers: { 'idempotency-key': `asked-${asked}` } },
      body,
    })
    assert.equal(answer.status, 201, JSON.stringify(answer.body))
  }
  await withPage(browser, product.running.url, 'Ben Franklin', async (page) => {
    await page.goto(`${product.running.url}/send?to=ada:main`)
    await page.getByLabel('Amount').fill('1')
    await page.getByLabel('Account holder').fill('Ada Lovelace')
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByText('The name was not checked').waitFor()
    await page.getByText(/you can again on/).waitFor()
    await inspect(page, 'name-not-checked')
    await page.getByRole('button', { name: 'Send money' }).click()
    await page.getByRole('heading', { name: 'Payment posted' }).waitFor()
  })
  await withPage(browser, product.running.url, 'Vera Proof', async (page) => {
    await page.goto(`${product.running.url}/audit/accounts/gus:main?step=3`)
    await page.getByRole('status').getByText('A payer checked the name').waitFor()
    await page.getByText(/, by customer:ada through /).waitFor()
    await inspect(page, 'replay-with-name-checks')
    await page
      .getByRole('link', { name: /^Record 0:/ })
      .first()
      .click()
    await page.getByText('"shown": "Gustav Kirchhoff"').or(page.getByText('Gustaf Kirchoff')).first().waitFor()
    await inspect(page, 'record-of-name-check')
  })
})
