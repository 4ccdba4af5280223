import assert from 'node:assert/strict'
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

const open = (page: Page, accountId: string) => page.goto(`${product.running.url}/accounts/${accountId}`)
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })

test('an operator stops an account from sending but not from receiving, and its owner sees it', {
  timeout: 120_000,
}, async () => {
  await withPage(browser, product.running.url, 'Olga Teller', async (page) => {
    await open(page, 'ben:main')
    await button(page, 'Freeze').click()
    const dialog = page.getByRole('alertdialog')
    await dialog.getByLabel('What it stops').selectOption('outgoing')
    await dialog.getByText('Cannot send').waitFor()
    await dialog.getByLabel('Reason').fill('a phone was stolen')
    await inspect(page, 'freeze-outgoing')
    await button(page, 'Freeze').click()
    await page.getByText('Sending is frozen').waitFor()
    await page.getByText('This account cannot send').waitFor()
    await page.getByRole('main').getByRole('link', { name: 'Deposit', exact: true }).click()
    await page.getByLabel('External account').selectOption('cash:eur')
    await page.getByLabel('Amount').fill('25')
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByRole('button', { name: 'Book deposit' }).click()
    await page.getByRole('heading', { name: 'Payment posted' }).waitFor()
    await page.goto(`${product.running.url}/withdraw?from=ben:main`)
    await page.getByLabel('External account').selectOption('cash:eur')
    await page.getByLabel('Amount').fill('1')
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByText('This payment would be refused').waitFor()
    await withPage(browser, product.running.url, 'Ben Franklin', async (own) => {
      await own.goto(`${product.running.url}/send?from=ben:main`)
      await own.getByText('It is frozen for what leaves it').waitFor()
      assert.equal(await own.getByLabel('From', { exact: true }).inputValue(), '', 'no other account pays in its place')
      await inspect(own, 'send-from-frozen')
    })
    await open(page, 'ben:main')
    await button(page, 'Change freeze').click()
    await button(page, 'Freeze').click()
    await page.getByText('This account is frozen').waitFor()
    await button(page, 'Unfreeze').click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Unfreeze' }).click()
    await button(page, 'Close account').waitFor()
  })
})

test('an operator edits an account, and the chart has it at its new place', { timeout: 60_000 }, async () => {
  await withPage(browser, product.running.url, 'Olga Teller', async (page) => {
    await open(page, 'ben:main')
    await button(page, 'Edit').click()
    const dialog = page.getByRole('alertdialog')
    await button(page, 'Save').click()
    await dialog.getByText('Nothing is changed yet.').waitFor()
    await dialog.getByLabel('Name').fill('Benjamin')
    await dialog.getByLabel("Owner's reference").fill('C-1706')
    await dialog.getByLabel('Place in the chart of accounts').fill('liabilities/printers')
    await dialog.getByLabel('Overdraft limit').fill('750')
    await inspect(page, 'edit-account')
    await button(page, 'Save').click()
    await page.getByRole('heading', { level: 1, name: 'Benjamin' }).waitFor()
    await page.getByText('Reference C-1706').waitFor()
    await page.getByText('liabilities/printers').waitFor()
    await page.getByText('750.00').first().waitFor()
  })
  await withPage(browser, product.running.url, 'Fiona Ledger', async (page) => {
    await page.goto(`${product.running.url}/chart-of-accounts`)
    await page.getByRole('row').filter({ hasText: 'printers' }).first().waitFor()
  })
  await withPage(browser, product.running.url, 'Ben Franklin', async (page) => {
    await open(page, 'ben:main')
    await page.getByText('Reference C-1706').waitFor()
    assert.equal(await page.getByText('liabilities/printers').count(), 0, 'the place is for staff')
  })
})

test('an operator lets customers pay an account of the house, and takes it back', { timeout: 60_000 }, async () => {
  await withPage(browser, product.running.url, 'Olga Teller', async (page) => {
    await open(page, 'cash:eur')
    await button(page, 'Let customers pay it').click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Let customers pay it' }).click()
    await page.getByText('Customers can pay it', { exact: true }).last().waitFor()
    await inspect(page, 'customers-pay')
    await button(page, 'Stop customers paying it').click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Stop customers paying it' }).click()
    await button(page, 'Let customers pay it').waitFor()
  })
})
