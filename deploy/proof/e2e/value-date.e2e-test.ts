import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { PaymentAccepted } from '@micropay/schemas/api/payment'
import type { Browser, Page } from 'playwright-core'
import { inspect, launchBrowser, withPage } from './browser.fixture.ts'
import { checklistOf } from './pages.fixture.ts'
import { type Product, startProduct } from './product.fixture.ts'

let product: Product
let browser: Browser
let commands = 0
/** The payment of June that is given back once June is closed. */
let ofJune = ''

async function command(persona: string, path: string, body: object) {
  commands += 1
  const headers = { 'idempotency-key': `value-date-${commands}` }
  const answer = await product.as(persona).send({ method: 'POST', path, headers, body: JSON.stringify(body) })
  assert.equal(answer.status, 201, JSON.stringify(answer.body))
  return answer.body
}

before(async () => {
  ;[product, browser] = await Promise.all([startProduct(), launchBrowser()])
  const opened = { accountId: 'gus:main', type: 'customer', currency: 'EUR', owner: 'customer:gus' }
  await command('olga', '/v1/accounts', { ...opened, openedOn: '2025-08-01' })
  const posting = { from: 'cash:eur', to: 'ada:main', amount: '4200', currency: 'EUR' }
  const june = { postings: [posting], reference: 'June', effectiveAt: '2025-06-15T12:00:00Z' }
  ofJune = String(PaymentAccepted.parse(await command('olga', '/v1/payments', june)).paymentId)
  await command('fiona', '/v1/periods', await checklistOf(product, '2025-06-30'))
})
after(async () => {
  await browser.close()
  await product[Symbol.asyncDispose]()
})

const field = (page: Page) => page.getByLabel('Value date')
const next = (page: Page) => page.getByRole('button', { name: 'Continue' }).click()
const dayFromNow = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)

async function deposit(page: Page, to: string, day: string): Promise<void> {
  await page.goto(`${product.running.url}/deposit?to=${to}`)
  await page.getByLabel('External account').selectOption('cash:eur')
  await page.getByLabel('Amount').fill('12')
  await page.getByLabel('Reference').fill(`Of ${day}`)
  await field(page).fill(day)
  await next(page)
}

test('staff book back into the open days, are told which those are, and see at the field why others are not', {
  timeout: 120_000,
}, async () => {
  await withPage(browser, product.running.url, 'Olga Teller', async (page) => {
    await deposit(page, 'ada:main', '2025-06-30')
    await page.getByText(/^From 2025-07-01, the day after the last closed one, to today/).waitFor()
    await page.getByText('the first open day is 2025-07-01').waitFor()
    await inspect(page, 'value-date-closed')
    await field(page).fill(dayFromNow(2))
    await next(page)
    await page.getByText('a payment counts from then on at the latest').waitFor()

    await deposit(page, 'gus:main', '2025-07-31')
    await page.getByText(/^From 2025-08-01, when gus:main was opened, to today/).waitFor()
    await page.getByText('gus:main is open from 2025-08-01 on').waitFor()
    await inspect(page, 'value-date-before-opening')
    await field(page).fill('2025-08-01')
    await next(page)
    await page.getByRole('definition').filter({ hasText: '2025-08-01' }).waitFor()
    await inspect(page, 'value-date-review')
    await page.getByRole('button', { name: 'Book deposit' }).click()
    await page.getByRole('link', { name: 'See the payment' }).click()
    await page.getByText('Aug 1, 2025').first().waitFor()
    await page.goto(`${product.running.url}/accounts/gus:main?on=2025-08-01`)
    await page.getByText('By value date').waitFor()
    await page.getByText('12.00 EUR').first().waitFor()
  })
})

test('a journal entry has a value date, too', { timeout: 60_000 }, async () => {
  await withPage(browser, product.running.url, 'Olga Teller', async (page) => {
    await page.goto(`${product.running.url}/journal`)
    for (const [number, account, side] of [
      [1, 'cash:eur', 'Out'],
      [2, 'ada:main', 'In'],
    ] as const) {
      const leg = page.getByRole('group', { name: `Leg ${number}`, exact: true })
      await leg.getByLabel('Account', { exact: true }).fill(account)
      await page.keyboard.press('Escape')
      await leg.getByLabel(side).fill('5')
    }
    await field(page).fill('2025-06-01')
    await next(page)
    await page.getByText('the first open day is 2025-07-01').waitFor()
    await inspect(page, 'journal-value-date')
    await field(page).fill('2025-07-01')
    await next(page)
    await page.getByRole('definition').filter({ hasText: '2025-07-01' }).waitFor()
    await page.getByRole('button', { name: 'Book journal entry' }).click()
    await page.getByRole('heading', { name: 'Payment posted' }).waitFor()
  })
})

test('figures of closed days say so, and a refund of a closed payment says which period it corrects', {
  timeout: 120_000,
}, async () => {
  const { url } = product.running
  await withPage(browser, url, 'Olga Teller', async (page) => {
    await page.goto(`${url}/payments/${ofJune}/refund`)
    await page.getByLabel('Reason').fill('It was never theirs')
    await next(page)
    await page.getByText(/^It corrects the closed period prd-0-\d+$/).waitFor()
    await inspect(page, 'refund-of-closed-period')
    await page.getByRole('button', { name: 'Give the money back' }).click()
    await page.getByText('This is a refund').waitFor()
    await page.getByText(/That counts in the closed period prd-0-\d+, which stays as it is/).waitFor()
    await inspect(page, 'refund-corrects')
  })
  await withPage(browser, url, 'Fiona Ledger', async (page) => {
    await page.goto(`${url}/daily-totals?from=2025-06-01&to=2025-06-30`)
    await page.getByText(/Closed at position 0:\d+/).waitFor()
    await page.getByRole('row').filter({ hasText: '2025-06-15' }).getByText('42.00').first().waitFor()
    await inspect(page, 'daily-totals-closed')
    await page.goto(`${url}/daily-totals?from=2025-06-01&to=2025-07-01`)
    await page.getByRole('row').filter({ hasText: '2025-06-15' }).waitFor()
    assert.equal(await page.getByText(/Closed at position/).count(), 0, 'its last day is open')
    await page.goto(`${url}/trial-balance?day=2025-06-30`)
    await page.getByText(/Closed at position 0:\d+/).waitFor()
    const ofAda = page.getByRole('row').filter({ hasText: 'ada:main' })
    await ofAda.getByText('42.00').filter({ visible: true }).first().waitFor()
    await page.getByRole('link', { name: /Period prd-0-/ }).click()
    await page.getByText('The figures are the ones that were sealed').waitFor()
  })
})
