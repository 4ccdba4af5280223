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

test('a position that cannot be read is told at its field, and asks for nothing', { timeout: 60_000 }, async () => {
  await withPage(browser, product.running.url, 'Fiona Ledger', async (page) => {
    await page.goto(`${product.running.url}/trial-balance`)
    const field = page.getByLabel('Ledger position')
    await field.fill('zzz')
    await field.press('Enter')
    await page.getByText('A position looks like 0:1842').waitFor()
    assert.doesNotMatch(page.url(), /position/)
    await inspect(page, 'position-unreadable')
    await field.fill('0:9')
    await field.press('Enter')
    await page.getByText('As the ledger stood at position 0:9').waitFor()
    assert.equal(await page.getByText('A position looks like').count(), 0)
  })
})

test('what an address asks for in vain is told until it is asked for rightly', { timeout: 60_000 }, async () => {
  await withPage(browser, product.running.url, 'Fiona Ledger', async (page) => {
    await page.goto(`${product.running.url}/trial-balance?position=zzz&zone=Mars/Base&cursor=abc`)
    await page.getByText('zone=Mars/Base').waitFor()
    await page.getByText('cursor=abc').waitFor()
    await page.getByLabel('Ledger position').fill('0:9')
    await page.getByLabel('Ledger position').press('Enter')
    await page.getByText('position=zzz').waitFor({ state: 'detached' })
    await page.getByRole('link', { name: 'Chart', exact: true }).first().click()
    await page.getByText('Part of the address was ignored').waitFor({ state: 'detached' })
    await page.goto(`${product.running.url}/payments?from=2026-03-02&to=2026-03-01`)
    await page.getByText('The last day must not be before the first.').waitFor()
    assert.equal(await page.getByText('could not be loaded').count(), 0)
  })
})

test('a day that cannot be asked for is told at its field', { timeout: 60_000 }, async () => {
  await withPage(browser, product.running.url, 'Ada Lovelace', async (page) => {
    await page.goto(`${product.running.url}/accounts/ada:main?on=2026-03-02`)
    await page.getByText('By value date, 2026-03-02').waitFor()
    await page.getByLabel('Balance at the end of').fill('1800-01-01')
    await page.getByText('Days from 1900-01-01 to 2999-12-31 can be asked for.').waitFor()
    assert.match(page.url(), /on=2026-03-02/)
    await inspect(page, 'day-out-of-range')
    await page.goto(`${product.running.url}/payments`)
    await page.getByText('Dates, amounts, counterparty').click()
    await page.getByLabel('From day').fill('0001-01-01')
    await page.getByLabel('From day').press('Enter')
    await page.getByText('Days from 1900-01-01 to 2999-12-31 can be asked for.').waitFor()
  })
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

test('amounts are typed in the currency of the account that is filtered for, or in none', {
  timeout: 60_000,
}, async () => {
  const account = { accountId: 'ada:yen', type: 'customer', currency: 'JPY', owner: 'customer:ada' }
  const headers = { 'idempotency-key': 'filters-yen' }
  const answer = await product.as('olga').send({
    ...{ method: 'POST', path: '/v1/accounts', headers, body: JSON.stringify(account) },
  })
  assert.equal(answer.status, 201, JSON.stringify(answer.body))
  await withPage(browser, product.running.url, 'Olga Teller', async (page) => {
    await page.goto(`${product.running.url}/payments?minAmount=1050`)
    const field = page.getByLabel('At least')
    await page.getByText('At least', { exact: true }).waitFor()
    assert.equal(await field.inputValue(), '10.50')
    await inspect(page, 'amounts-of-any-currency')
    await page.goto(`${product.running.url}/payments?account=ada:yen&minAmount=1050`)
    await page.getByText('At least, JPY', { exact: true }).waitFor()
    assert.equal(await field.inputValue(), '1050')
  })
})

test('a jump in a replay to what is no step, or none that there is, says so', { timeout: 60_000 }, async () => {
  await withPage(browser, product.running.url, 'Vera Proof', async (page) => {
    await page.goto(`${product.running.url}/audit/accounts/ben:main`)
    await page.getByLabel('Jump to step').fill('abc')
    await page.getByRole('button', { name: 'Jump' }).click()
    await page.getByText('Enter the number of a step, such as 12.').waitFor()
    await inspect(page, 'jump-to-no-step')
  })
})
