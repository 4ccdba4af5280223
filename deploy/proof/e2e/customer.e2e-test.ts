import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
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

async function fillIn(page: Page, to: string, amount: string, reference: string): Promise<void> {
  await page.goto(`${product.running.url}/send`)
  await page.getByLabel('From').selectOption('ada:main')
  await page.getByLabel('To', { exact: true }).fill(to)
  await page.keyboard.press('Escape')
  await page.getByLabel('Amount').fill(amount)
  await page.getByLabel('Reference').fill(reference)
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByRole('heading', { name: 'Check and confirm' }).waitFor()
}

const sendIt = (page: Page) => page.getByRole('button', { name: 'Send money' }).click()
const posted = (page: Page) => page.getByRole('heading', { name: 'Payment posted' }).waitFor()

test('a customer pays a saved payee by name, is asked before paying twice, and finds, exports and prints the payment', {
  timeout: 120_000,
}, async () => {
  const { url } = product.running
  await withPage(browser, url, 'Ada Lovelace', async (page) => {
    await page.goto(`${url}/payees`)
    await page.getByLabel('Name').fill('Ben F.')
    await page.getByLabel('Account id').fill('ben:main')
    await page.getByRole('button', { name: 'Save payee' }).click()
    await page.getByRole('row').filter({ hasText: 'ben:main' }).getByText('Ben F.').waitFor()
    await page.getByText('Ben F. is saved').waitFor()
    await page.getByRole('heading', { level: 1 }).click()
    await page.keyboard.press('j')
    assert.equal(await page.locator(':focus').getAttribute('aria-label'), 'Pay Ben F.', 'while a toast is there, too')

    await fillIn(page, 'ben f.', '12.34', 'Dinner 50%')
    await page.getByText('Ben F. ben:main').waitFor()
    // Whoever clicks twice pays once: further below, one payment is found.
    await page.getByRole('button', { name: 'Send money' }).dblclick()
    await posted(page)

    await fillIn(page, 'Ben F.', '12.34', 'Dinner 50%')
    await sendIt(page)
    const asked = page.getByRole('alertdialog')
    await asked.getByText('Send it a second time?').waitFor()
    await asked.getByRole('button', { name: 'Cancel' }).click()
    await page.getByRole('heading', { name: 'Check and confirm' }).waitFor()

    await fillIn(page, 'corner bakery', '2.00', 'Bread')
    await page.getByText('Corner Bakery bakery:till').waitFor()
    await page.getByRole('button', { name: 'Change' }).click()
    await page.getByLabel('To', { exact: true }).fill('Corner Baker')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByText('neither saved nor paid anybody called Corner Baker').waitFor()

    await page.goto(`${url}/payments`)
    await page.getByLabel('Search').fill('DINNER 50%')
    await page.keyboard.press('Enter')
    await page.getByText('Payments shown: 1, that is all').waitFor()
    assert.match(page.url(), /text=DINNER/)
    await page.getByRole('heading', { level: 1 }).click()
    await page.keyboard.press('j')
    await page.keyboard.press('x')
    await page.getByText('1 marked').waitFor()
    const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('e')])
    assert.match(await readFile(await download.path(), 'utf8'), /ada:main,.*,ben:main,.*,12\.34,EUR,Dinner 50%,/)
    await page.keyboard.press('?')
    await page.getByText('Export this list as CSV').waitFor()
    await page.getByRole('button', { name: 'Close' }).click()
    const row = page.getByRole('row').filter({ hasText: 'Dinner 50%' })
    await row.getByText('−12.34 EUR').waitFor()
    await inspect(page, 'payments-found')
    await page.setViewportSize({ width: 390, height: 844 })
    const year = String(new Date().getUTCFullYear())
    await row.getByRole('link').getByText('Dinner 50%').filter({ visible: true }).waitFor()
    await row.getByRole('link').getByText(year).filter({ visible: true }).waitFor()
    await row.getByText('−12.34 EUR').filter({ visible: true }).waitFor()
    await page.setViewportSize({ width: 1280, height: 900 })
    await page.getByLabel('Search').fill('dinner 5_%')
    await page.keyboard.press('Enter')
    await page.getByText('No payment matches').waitFor()
    await page.getByRole('button', { name: 'Clear the filters' }).click()

    await page.getByRole('row').filter({ hasText: 'Dinner 50%' }).getByRole('link').click()
    await page.getByRole('link', { name: 'Receipt' }).click()
    await page.getByRole('heading', { level: 1, name: 'Receipt' }).waitFor()
    await page.getByText('Dinner 50%').waitFor()
    await page.emulateMedia({ media: 'print' })
    assert.equal(await page.getByRole('button', { name: 'Print' }).isVisible(), false)
    await page.emulateMedia({ media: 'screen' })
  })
})

test('a payment that is changed or left while its twin is looked for is not made', { timeout: 60_000 }, async () => {
  const { url } = product.running
  await withPage(browser, url, 'Ada Lovelace', async (page) => {
    const made: string[] = []
    page.on('request', (request) => {
      const body = request.postData() ?? ''
      if (request.method() === 'POST' && request.url().endsWith('/v1/payments') && !body.includes('dryRun'))
        made.push(body)
    })
    for (const leave of ['Change', 'leave'] as const) {
      const held = Promise.withResolvers<void>()
      const answered = Promise.withResolvers<void>()
      await fillIn(page, 'ben:main', '7.77', 'Not this one')
      await page.route('**/v1/payments?*', async (route) => {
        await held.promise
        await route.continue().catch(() => undefined)
        answered.resolve()
      })
      await sendIt(page)
      if (leave === 'Change') {
        await page.getByRole('button', { name: 'Change' }).click()
        await page.getByLabel('Amount').fill('8.88')
      } else await page.getByRole('link', { name: 'MicroPay, home' }).click()
      held.resolve()
      await answered.promise
      await page.unroute('**/v1/payments?*')
      await page.getByRole('link', { name: 'Payments', exact: true }).first().click()
      await page.getByText(/^Payments shown: /).waitFor()
    }
    assert.deepEqual(made, [])
  })
})

test('a customer sees what is under way apart, settles it once, and looks up the balance of a past day', {
  timeout: 120_000,
}, async () => {
  const { url } = product.running
  await withPage(browser, url, 'Ada Lovelace', async (page) => {
    await fillIn(page, 'ben:main', '1.01', 'Lost on the way')
    await page.route('**/v1/payments', async (route) => {
      if (route.request().method() === 'POST') {
        await route.fetch()
        await route.abort()
      } else await route.continue()
    })
    await sendIt(page)
    await page.getByRole('heading', { name: 'No answer yet' }).waitFor()
    await page.unroute('**/v1/payments')
    await page.getByRole('link', { name: 'MicroPay, home' }).click()
    await page.getByRole('heading', { name: 'Under way' }).waitFor()
    await inspect(page, 'under-way')
    await page.getByRole('link', { name: 'Check again' }).click()
    await page.getByRole('button', { name: 'Try again' }).click()
    await posted(page)

    await page.goto(`${url}/accounts/ada:main?text=lost%20on`)
    await page.getByText('Entries shown: 1, that is all').waitFor()
    assert.equal(await page.getByRole('heading', { name: 'Under way' }).count(), 0)
    await page.getByLabel('Balance at the end of').fill('2020-01-31')
    await page.getByText('By value date').waitFor()
    await page.getByText('0.00 EUR').first().waitFor()
    assert.match(page.url(), /on=2020-01-31/)
    await inspect(page, 'statement-search')
  })
})
