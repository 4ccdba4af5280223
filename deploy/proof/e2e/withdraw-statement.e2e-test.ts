import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ReconciliationPage } from '@micropay/schemas/api/reconciliation'
import type { Browser, Page } from 'playwright-core'
import { bankPayments, bankPaymentsAt, bankStatement } from './bank-statement.fixture.ts'
import { inspect, launchBrowser, withPage } from './browser.fixture.ts'
import { type Product, startProduct } from './product.fixture.ts'

let product: Product
let browser: Browser
before(async () => {
  ;[product, browser] = await Promise.all([startProduct(), launchBrowser()])
  for (const accountId of ['bank:house', 'bank:other']) {
    await command('/v1/accounts', { accountId, type: 'external', currency: 'EUR', owner: 'house:micropay' })
  }
  for (const [from, to, amount, reference] of bankPayments) {
    const postings = [{ from, to, amount, currency: 'EUR' }]
    await command('/v1/payments', { postings, reference, effectiveAt: bankPaymentsAt })
  }
  // Of the same amount on the same day, so that the wrong account finds something to match.
  const postings = [{ from: 'bank:other', to: 'ada:main', amount: '25000', currency: 'EUR' }]
  await command('/v1/payments', { postings, reference: 'E2E-100', effectiveAt: bankPaymentsAt })
})
after(async () => {
  await browser.close()
  await product[Symbol.asyncDispose]()
})

let commands = 0
async function command(path: string, body: object): Promise<void> {
  commands += 1
  const headers = { 'idempotency-key': `withdraw-${commands}` }
  const answer = await product.as('olga').send({ method: 'POST', path, headers, body: JSON.stringify(body) })
  assert.equal(answer.status, 201, JSON.stringify(answer.body))
}

function ask(method: 'GET' | 'POST', path: string, body?: object) {
  const headers = method === 'POST' ? { 'idempotency-key': 'asked-again' } : {}
  return product.as('fiona').send({ method, path, headers, ...(body ? { body: JSON.stringify(body) } : {}) })
}

async function importFile(page: Page, account: string): Promise<void> {
  await page.goto(`${product.running.url}/reconcile`)
  await page.getByLabel('External account').selectOption(account)
  const buffer = Buffer.from(bankStatement)
  await page.getByLabel('Statement file').setInputFiles({ name: 'march.xml', mimeType: 'application/xml', buffer })
  await page.getByRole('button', { name: 'Import statement' }).click()
}

test('a statement of the wrong account is withdrawn by two people, and its file imported for the right one', {
  timeout: 120_000,
}, async () => {
  const { url } = product.running
  await withPage(browser, url, 'Fiona Ledger', async (page) => {
    await importFile(page, 'bank:other')
    await page.getByText('The statement adds up and is imported').waitFor()
    await importFile(page, 'bank:house')
    await page.getByText('The statement belongs to another account').waitFor()

    await page.getByRole('link', { name: '2026-061' }).click()
    await page.getByRole('heading', { name: 'Matched: 1' }).waitFor()
    await page.getByRole('button', { name: 'Withdraw this statement' }).click()
    const asking = page.getByRole('alertdialog')
    await asking.getByText('1 matched entry becomes open again').waitFor()
    await asking.getByText(/No other statement of bank:other stands/).waitFor()
    await page.getByRole('button', { name: 'Ask to withdraw' }).click()
    await page.getByText('Say why the statement has to go.').waitFor()
    await page.getByLabel('Reason').fill('It is of bank:house')
    await inspect(page, 'statement-withdraw')
    await page.getByRole('button', { name: 'Ask to withdraw' }).click()
    await page.getByText('It waits for a second person').waitFor()
    await page.reload()
    await page.getByText('Withdraw statement 2026-061 of bank:other: you asked for it').waitFor()
    assert.equal(await page.getByRole('button', { name: 'Withdraw this statement' }).count(), 0)
    await inspect(page, 'statement-withdrawal-waits')
    await importFile(page, 'bank:house')
    await page.getByText('The statement belongs to another account').waitFor()
  })
  const [standing] = ReconciliationPage.parse((await ask('GET', '/v1/reconciliations?account=bank:other')).body).items
  const again = { account: 'bank:other', position: standing?.position, reason: 'Asked for twice' }
  assert.equal((await ask('POST', '/v1/statements/2026-061/withdraw', again)).status, 202)
  await withPage(browser, url, 'Frank Pacioli', async (page) => {
    await page.getByRole('link', { name: 'Approvals' }).first().click()
    // The one that was asked for first stands last.
    await page.getByRole('link', { name: 'Withdraw statement 2026-061 of bank:other' }).last().click()
    await page.getByText('It is of bank:house').waitFor()
    await page.getByText('1 matched entry becomes open again').waitFor()
    await page.getByText('The statement would count no more.').waitFor()
    await inspect(page, 'approval-withdrawal')
    await page.getByRole('button', { name: 'Approve' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Approve' }).click()
    await page.getByText('Approved and done').waitFor()
    await page.getByRole('link', { name: /^2026-061, imported at 0:/ }).click()
    await page.getByText('It was withdrawn, and counts no more').waitFor()
    await page.getByText(/By finance:fiona, approved by finance:frank\. .* Reason: It is of bank:house$/).waitFor()
    await page.getByRole('heading', { name: 'Lines: 3' }).waitFor()
    assert.equal(await page.getByRole('button', { name: 'Withdraw this statement' }).count(), 0)
    await inspect(page, 'statement-withdrawn')
  })
  await withPage(browser, url, 'Fiona Ledger', async (page) => {
    await page.goto(`${url}/approvals`)
    await page.getByRole('row').filter({ hasText: 'Withdrawn already' }).waitFor()
    await page.goto(`${url}/reconcile`)
    await page.getByText('Every statement was withdrawn').waitFor()
    await page.getByRole('button', { name: 'Show withdrawn ones' }).waitFor()
    await importFile(page, 'bank:house')
    await page.getByText('The statement adds up and is imported').waitFor()
    await page.getByRole('row').filter({ hasText: 'bank:house' }).getByText('1 of 3').first().waitFor()
    assert.equal(await page.getByRole('row').filter({ hasText: 'bank:other' }).count(), 0)
    await page.getByLabel('Which of them').selectOption('Withdrawn')
    const row = page.getByRole('row').filter({ hasText: 'bank:other' })
    await row.getByText('by finance:frank').waitFor()
    await row.getByText('It is of bank:house').waitFor()
    await inspect(page, 'reconcile-withdrawn')
    await page.goto(`${url}/close-period?through=2026-03-31`)
    await page.getByRole('link', { name: '1 withdrawn' }).waitFor()
    await inspect(page, 'checklist-withdrawn')
  })
})
