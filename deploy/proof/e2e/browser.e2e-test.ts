import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Account, type AccountDecided } from '@micropay/schemas/api/account'
import { formatMinor } from '@micropay/schemas/money'
import type { Browser, Page } from 'playwright-core'
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

/**
 * By another client than the page's, which has to name the position that it wants to see: the read model comes after
 * the ledger.
 */
async function balanceOf(accountId: AccountDecided['accountId'] | string, atLeast?: string): Promise<bigint> {
  const headers = atLeast === undefined ? {} : { 'at-least': atLeast, prefer: 'wait=10' }
  const answer = await product.as('olga').send({ method: 'GET', path: `/v1/accounts/${accountId}`, headers })
  return BigInt(Account.parse(answer.body).balance)
}

async function deposit(to: string, amountMinor: bigint, key: string): Promise<void> {
  const posting = { from: 'cash:eur', to, amount: amountMinor.toString(), currency: 'EUR' }
  const answer = await product.as('olga').send({
    method: 'POST',
    path: '/v1/payments',
    headers: { 'idempotency-key': key },
    body: JSON.stringify({ postings: [posting], reference: 'Paid in at the desk' }),
  })
  assert.equal(answer.status, 201, JSON.stringify(answer.body))
}

/** As the pages show it, without the currency. */
function shown(amountMinor: bigint): string {
  const [whole = '', fraction] = formatMinor(amountMinor < 0n ? -amountMinor : amountMinor, 'EUR').split('.')
  return `${amountMinor < 0n ? '−' : ''}${BigInt(whole).toLocaleString('en-US')}.${fraction}`
}

const cardOf = (page: Page, accountId: string) => page.getByRole('listitem').filter({ hasText: accountId }).first()

test('a customer sees a deposit arrive on the balance without reloading', { timeout: 60_000 }, async () => {
  await withPage(browser, product.running.url, 'Ada Lovelace', async (page) => {
    const before = await balanceOf('ada:main')
    await cardOf(page, 'ada:main').getByText(shown(before)).first().waitFor()
    await page.getByTestId('as-of').waitFor()
    await deposit('ada:main', 12_345n, 'e2e-live-1')
    await cardOf(page, 'ada:main')
      .getByText(shown(before + 12_345n))
      .first()
      .waitFor()
  })
})

test('a customer sends money, sees it posted with its position, and finds it on the statement', {
  timeout: 60_000,
}, async () => {
  await withPage(browser, product.running.url, 'Ada Lovelace', async (page) => {
    const before = await balanceOf('ada:main')
    await page.getByRole('link', { name: 'Send money' }).first().click()
    await page.getByLabel('From').selectOption('ada:main')
    await page.getByLabel('To', { exact: true }).fill('ben:main')
    await page.keyboard.press('Escape')
    await page.getByLabel('Amount').fill('12.34')
    await page.getByLabel('Reference').fill('Half of the taxi')
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByRole('heading', { name: 'Check and confirm' }).waitFor()
    await page
      .getByTestId('new-balance')
      .getByText(shown(before - 1234n))
      .waitFor()
    await inspect(page, 'send-review')
    await page.getByRole('button', { name: 'Send money' }).click()
    await page.getByRole('heading', { name: 'Payment posted' }).waitFor()
    await page.getByText(/^0:\d+$/).waitFor()
    await inspect(page, 'send-posted')

    await page.getByRole('link', { name: 'MicroPay, home' }).click()
    await cardOf(page, 'ada:main').getByRole('link').click()
    const row = page.getByRole('row').filter({ hasText: 'Half of the taxi' })
    await row.getByText('−12.34').first().waitFor()
    await row
      .getByText(shown(before - 1234n))
      .last()
      .waitFor()
    assert.equal(await balanceOf('ada:main'), before - 1234n)
  })
})

test('a payment that would be refused says why, and moves nothing', { timeout: 60_000 }, async () => {
  await withPage(browser, product.running.url, 'Ben Franklin', async (page) => {
    const before = await balanceOf('ben:main')
    await page.goto(`${product.running.url}/send?from=ben:main&to=ada:main`)
    await page.getByLabel('Amount').fill('999999')
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByText('This payment would be refused').waitFor()
    await page
      .getByText(`ben:main has ${formatMinor(before, 'EUR')} EUR available`)
      .first()
      .waitFor()
    await inspect(page, 'send-refused')
    assert.equal(await balanceOf('ben:main'), before)
  })
})

test('an operator opens an account and books a deposit on it', { timeout: 60_000 }, async () => {
  await withPage(browser, product.running.url, 'Olga Teller', async (page) => {
    await page.goto(`${product.running.url}/open-account`)
    await page.getByLabel('Owner', { exact: true }).fill('customer:ada')
    await page.getByLabel('Name').fill('Holidays')
    await page.getByLabel('Account id').fill('ada:holidays')
    await page.getByText('without one, liabilities/customers/eur').waitFor()
    await page.getByLabel('Place in the chart of accounts').fill('Liabilities/Travel')
    await page.getByRole('button', { name: 'Open account' }).click()
    await page.getByText('The place must be 1 to 8 segments').waitFor()
    await inspect(page, 'open-account-wrong-place')
    await page.getByLabel('Place in the chart of accounts').fill('liabilities/travel')
    await page.getByRole('button', { name: 'Open account' }).click()
    await page.getByText('is ready for its first payment, in liabilities/travel').waitFor()
    await page.getByRole('heading', { level: 1, name: 'Holidays' }).waitFor()
    await page.getByRole('main').getByRole('link', { name: 'Deposit' }).click()
    await page.getByLabel('External account').selectOption('cash:eur')
    await page.getByLabel('Amount').fill('250')
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByRole('button', { name: 'Book deposit' }).click()
    await page.getByRole('heading', { name: 'Payment posted' }).waitFor()
    const position = await page.getByText(/^0:\d+$/).textContent()
    assert.equal(await balanceOf('ada:holidays', position ?? ''), 25_000n)
    await page.goto(`${product.running.url}/accounts`)
    await page.getByRole('row').filter({ hasText: 'ada:holidays' }).getByText('250.00').first().waitFor()
  })
})

test('what one may not see looks like what does not exist', { timeout: 60_000 }, async () => {
  const { url } = product.running
  await withPage(browser, url, 'Ada Lovelace', async (page) => {
    await page.goto(`${url}/accounts/ben:main`)
    await page
      .getByText(/There is no such|not found|does not exist|cannot be found/i)
      .first()
      .waitFor()
    await inspect(page, 'not-to-be-seen')
  })
})
