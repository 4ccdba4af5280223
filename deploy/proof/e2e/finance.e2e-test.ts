import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { after, before, test } from 'node:test'
import { repositoryRoot } from '@micropay/local/running'
import type { Browser, Page } from 'playwright-core'
import { bankPayments, bankPaymentsAt, bankStatement } from './bank-statement.fixture.ts'
import { launchBrowser, withPage } from './browser.fixture.ts'
import { type Product, startProduct } from './product.fixture.ts'

const folder = process.env.STATEMENTS_DIR ?? resolve(repositoryRoot, '../shared/data/statements')
const skip = existsSync(folder) ? false : `Statement files in ${folder} are not there (set STATEMENTS_DIR)`
const assets = join(folder, 'camt/svapnil-iso20022.js/test/assets')

let product: Product
let browser: Browser
before(async () => {
  ;[product, browser] = await Promise.all([startProduct(), launchBrowser()])
  for (const [bank, currency] of [
    ['house', 'EUR'],
    ['abn_amro', 'EUR'],
    ['ing', 'EUR'],
    ['nordea', 'EUR'],
    ['goldman_sachs', 'GBP'],
  ] as const) {
    const path = `assets/banks/${bank.replace('_', '-')}`
    await command('/v1/accounts', {
      accountId: `bank:${bank}`,
      type: 'external',
      currency,
      owner: 'house:micropay',
      path,
    })
  }
  for (const [from, to, amount, reference] of bankPayments) {
    const postings = [{ from, to, amount, currency: 'EUR' }]
    await command('/v1/payments', { postings, reference, effectiveAt: bankPaymentsAt })
  }
})
after(async () => {
  await browser.close()
  await product[Symbol.asyncDispose]()
})

let commands = 0
async function command(path: string, body: object): Promise<void> {
  commands += 1
  const headers = { 'idempotency-key': `finance-${commands}` }
  const answer = await product.as('olga').send({ method: 'POST', path, headers, body: JSON.stringify(body) })
  assert.equal(answer.status, 201, JSON.stringify(answer.body))
}

async function importFile(page: Page, account: string, file: string | { name: string; text: string }): Promise<void> {
  await page.getByLabel('External account').selectOption(account)
  await page
    .getByLabel('Statement file')
    .setInputFiles(
      typeof file === 'string'
        ? file
        : { name: file.name, mimeType: 'application/xml', buffer: Buffer.from(file.text) },
    )
  await page.getByRole('button', { name: 'Import statement' }).click()
}

test('finance sees that the books balance, goes from a roll-up down to an entry, and reconciles a statement', {
  timeout: 60_000,
}, async () => {
  const { url } = product.running
  await withPage(browser, url, 'Fiona Ledger', async (page) => {
    await page.getByRole('link', { name: 'Trial balance' }).first().click()
    await page.getByText('Balanced').first().waitFor()
    assert.equal(await page.getByText('Out of balance').count(), 0)
    await page.getByLabel('End of day').fill('2026-03-02')
    await page.getByText('At the end of 2026-03-02, UTC').waitFor()
    await page.waitForURL(/day=2026-03-02/)
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'CSV', exact: true }).click(),
    ])
    assert.equal(file.suggestedFilename(), 'trial-balance.csv')

    await page.getByRole('link', { name: 'Chart', exact: true }).first().click()
    await page.getByRole('link', { name: 'assets/banks, EUR' }).waitFor()
    await page.getByRole('link', { name: 'assets/banks/house, EUR' }).click()
    await page
      .getByRole('row')
      .filter({ hasText: 'bank:house' })
      .getByText('219.99')
      .filter({ visible: true })
      .waitFor()
    await page.getByRole('link', { name: 'bank:house' }).click()
    await page.getByRole('row').filter({ hasText: 'E2E-300' }).getByText('−9.99').first().waitFor()

    await page.getByRole('link', { name: 'Reconcile' }).first().click()
    await page.getByText('No statement yet').waitFor()
    await importFile(page, 'bank:house', { name: 'broken.xml', text: bankStatement.replace('1206.50', '1206.51') })
    await page.getByText(/opening 1000\.00 EUR \+ credits 250\.00 EUR - debits 43\.50 EUR = 1206\.50 EUR/).waitFor()
    await importFile(page, 'bank:house', { name: 'statement.xml', text: bankStatement })
    await page.getByText('The statement adds up and is imported').waitFor()
    await page.getByText('1 of 3').filter({ visible: true }).waitFor()
    await importFile(page, 'bank:house', { name: 'again.xml', text: bankStatement })
    await page.getByText('This statement was imported before').waitFor()

    await page.getByRole('link', { name: '2026-061' }).click()
    await page.getByRole('row').filter({ hasText: 'By reference' }).filter({ hasText: 'E2E-100' }).waitFor()
    await page
      .getByRole('row')
      .filter({ hasText: 'Amounts differ' })
      .filter({ hasText: '−41.00' })
      .getByText('−40.00')
      .last()
      .waitFor()
    await page.getByRole('row').filter({ hasText: 'Missing here' }).getByText('FEE-1').first().waitFor()
    await page.getByRole('row').filter({ hasText: 'Missing at the bank' }).getByText('E2E-300').waitFor()
  })
})

test('the files of banks are imported, and refused for their sums or the check digits of an IBAN', {
  skip,
  timeout: 60_000,
}, async () => {
  await withPage(browser, product.running.url, 'Frank Pacioli', async (page) => {
    await page.goto(`${product.running.url}/reconcile`)
    for (const [bank, closing] of [
      ['abn_amro', '100.01'],
      ['ing', '1,605.00'],
      ['nordea', '8,800.50'],
    ] as const) {
      const text = readFileSync(join(assets, bank, 'example_camt.xml'), 'utf8')
      if (bank === 'nordea') {
        await importFile(page, `bank:${bank}`, { name: 'as-it-is.xml', text })
        await page.getByText(/IBAN FI8529501800030574: its check digits are those of another/).waitFor()
      }
      await importFile(page, `bank:${bank}`, { name: 'statement.xml', text: text.replace('FI8529', 'FI3629') })
      await page.getByText('The statement adds up and is imported').waitFor()
      await page
        .getByRole('row')
        .filter({ hasText: `bank:${bank}` })
        .getByText(closing)
        .last()
        .waitFor()
    }
    await importFile(page, 'bank:goldman_sachs', join(assets, 'goldman_sachs/camt_053_uk_v2_1.xml'))
    await page.getByText('The statement does not add up').waitFor()
    await page.getByText(/opening 334425218\.07 GBP \+ credits/).waitFor()
  })
})

test('one of hundreds of external accounts can be chosen', { timeout: 60_000 }, async () => {
  const ids = Array.from({ length: 201 }, (_, index) => `many:${String(index).padStart(3, '0')}`)
  for (const accountId of ids) {
    await command('/v1/accounts', { accountId, type: 'external', currency: 'EUR', owner: 'house:micropay' })
  }
  await withPage(browser, product.running.url, 'Fiona Ledger', async (page) => {
    await page.goto(`${product.running.url}/reconcile`)
    await page.getByLabel('External account').getByText('many:200').waitFor({ state: 'attached' })
    await page.getByLabel('Statements of').selectOption('many:200')
    await page.getByText('No statement of this account').waitFor()
  })
})
