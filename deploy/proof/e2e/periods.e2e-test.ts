import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Problem } from '@micropay/schemas/api/problem'
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

let commands = 0
/** A payment by the operator's own client, with a value date. */
async function book(effectiveAt: string, amount = '100') {
  commands += 1
  const postings = [{ from: 'cash:eur', to: 'ada:main', amount, currency: 'EUR' }]
  return product.as('olga').send({
    ...{ method: 'POST', path: '/v1/payments', headers: { 'idempotency-key': `periods-${commands}` } },
    body: JSON.stringify({ postings, effectiveAt }),
  })
}

/** Asks once more for a reopening that a heading tells, as who did not look whether it waits. */
async function askAgain(heading: string): Promise<void> {
  const answer = await product.as('fiona').send({
    ...{ method: 'POST', path: `/v1/periods/${/prd-[0-9-]+/.exec(heading)}/reopen` },
    ...{ headers: { 'idempotency-key': 'periods-again' }, body: JSON.stringify({ reason: 'Asked twice' }) },
  })
  assert.equal(answer.status, 202, JSON.stringify(answer.body))
}

const june = '2025-06-15T12:00:00Z'
const rowOf = (page: Page, words: string) => page.getByRole('row').filter({ hasText: words }).first()

async function readChecklist(page: Page, through: string): Promise<void> {
  await page.goto(`${product.running.url}/close-period?through=${through}`)
  await page.getByText(`Trial balance at the end of ${through}`).waitFor()
}

test('finance closes June and two of them reopen it; in between nobody books into it', {
  timeout: 120_000,
}, async () => {
  const { url } = product.running
  assert.equal((await book(june)).status, 201)
  await withPage(browser, url, 'Fiona Ledger', async (page) => {
    await page.getByRole('link', { name: 'Periods' }).first().click()
    await page.getByText('No period is closed yet').waitFor()
    await page.getByRole('link', { name: 'Close a period' }).click()
    await page.getByLabel('Last day').fill('2025-06-30')
    await page.getByText('Trial balance at the end of 2025-06-30, UTC').waitFor()
    await page.getByText('Balanced').first().waitFor()
    await page.getByRole('button', { name: 'Close up to 2025-06-30' }).click()
    await page.getByRole('alertdialog').getByText('are sealed as they were read').waitFor()
    await page.getByRole('button', { name: 'Close the period' }).click()
    await rowOf(page, 'Up to 2025-06-30').getByText('Closed', { exact: true }).waitFor()
    await page.getByText('2025-07-01').waitFor()

    const refused = Problem.parse((await book(june)).body)
    assert.equal(refused.code, 'period_closed')
    assert.match(refused.detail, /the first open day is 2025-07-01/)
    await page.goto(`${url}/trial-balance?day=2025-06-15`)
    await page.getByText(/Closed at position 0:\d+/).waitFor()
    await inspect(page, 'trial-balance-closed')
    await page.getByRole('link', { name: /Period prd-0-/ }).click()
    await page.getByText('The figures are the ones that were sealed').waitFor()

    await page.getByRole('button', { name: 'Reopen this period' }).click()
    await page.getByRole('button', { name: 'Ask to reopen' }).click()
    await page.getByText('Say why the period has to be opened again.').waitFor()
    await page.getByLabel('Reason').fill('An invoice came late')
    await page.getByRole('button', { name: 'Ask to reopen' }).click()
    await page.getByText('It waits for a second person').waitFor()
    await page.reload()
    await page.getByText(/Reopen period prd-0-\d+: you asked for it/).waitFor()
    assert.equal(await page.getByRole('button', { name: 'Reopen this period' }).count(), 0)
    await inspect(page, 'period-reopening-waits')
    await page.getByRole('link', { name: 'See what waits' }).click()
    await page.getByText('somebody else has to approve it').waitFor()
    assert.equal(await page.getByRole('button', { name: 'Approve' }).count(), 0)
  })
  for (const { name, decides } of [
    { name: 'Otto Teller', decides: 1 },
    { name: 'Vera Proof', decides: 0 },
  ]) {
    await withPage(browser, url, name, async (page) => {
      await page.getByRole('link', { name: 'Approvals' }).first().click()
      await page.getByRole('link', { name: /Reopen period prd-0-/ }).click()
      await page.getByRole('link', { name: 'Up to 2025-06-30, UTC' }).waitFor()
      await page.getByRole('link', { name: 'Reopen a period: two persons, unless a rule says otherwise' }).waitFor()
      assert.equal(await page.getByRole('button', { name: 'Approve' }).count(), decides)
      await inspect(page, `approval-seen-by-${decides}`)
      await page.getByRole('link', { name: 'Up to 2025-06-30, UTC' }).click()
      await page.getByText('The figures are the ones that were sealed').waitFor()
      await page.goto(`${url}/policies`)
      await page.getByText('One person can lower each of these').waitFor()
    })
  }
  await withPage(browser, url, 'Frank Pacioli', async (page) => {
    await page.getByRole('link', { name: 'Approvals' }).first().click()
    await page.getByRole('link', { name: /Reopen period prd-0-/ }).click()
    await page.getByText('An invoice came late').waitFor()
    await page.getByText('Every day would be open.').waitFor()
    await askAgain((await page.getByRole('heading', { level: 1 }).textContent()) ?? '')
    await page.getByRole('button', { name: 'Approve' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Approve' }).click()
    await page.getByText('Approved and done').waitFor()
    await inspect(page, 'approval-approved')
    await page.goto(`${url}/periods`)
    await rowOf(page, 'Up to 2025-06-30').getByText('Reopened').waitFor()
    await page.getByText('Every day is open').waitFor()
    await page.goto(`${url}/approvals?status=open`)
    await rowOf(page, 'Reopened already').waitFor()
    await inspect(page, 'approvals-overtaken')
    await page.getByRole('link', { name: /Reopen period prd-0-/ }).click()
    await page.getByText('It would be refused: it has happened already').waitFor()
    await page.getByText('by finance:fiona, approved by finance:frank').waitFor()
    assert.equal(await page.getByRole('button', { name: 'Approve' }).count(), 0)
    await page.getByRole('button', { name: 'Refuse' }).waitFor()
    await inspect(page, 'approval-overtaken')
  })
  assert.equal((await book(june)).status, 201)
})

test('what is booked after the checklist was read makes finance read it again', { timeout: 60_000 }, async () => {
  await withPage(browser, product.running.url, 'Fiona Ledger', async (page) => {
    await readChecklist(page, '2025-05-31')
    const close = page.getByRole('button', { name: 'Close up to 2025-05-31' })
    await close.click()
    assert.equal((await book('2025-05-20T12:00:00Z', '4200')).status, 201)
    await page.getByRole('button', { name: 'Close the period' }).click()
    await page.getByText('Something was booked into the period since its figures were read').waitFor()
    await inspect(page, 'close-period-changed')
    await page.getByRole('button', { name: 'Read the checklist again' }).click()
    await page.getByText('42.00').first().waitFor()
    await close.click()
    await page.getByRole('button', { name: 'Close the period' }).click()
    await rowOf(page, 'Up to 2025-05-31').getByText('Closed', { exact: true }).waitFor()

    await page.goto(`${product.running.url}/close-period?through=2025-05-31`)
    await page.getByText('Everything up to 2025-05-31 is closed').waitFor()
    await page.getByLabel('Last day').fill('2025-06-30')
    await page.getByText('Trial balance at the end of 2025-06-30').waitFor()
    await page.getByRole('button', { name: 'Close 2025-06-01 to 2025-06-30' }).waitFor()
  })
})

test('finance sets the zone in whose days periods are closed', { timeout: 60_000 }, async () => {
  await withPage(browser, product.running.url, 'Fiona Ledger', async (page) => {
    await page.goto(`${product.running.url}/periods`)
    await page.getByRole('button', { name: 'Change time zone' }).click()
    const dialog = page.getByRole('alertdialog')
    assert.equal(await dialog.getByRole('button', { name: 'Set the time zone' }).isDisabled(), true)
    await dialog.getByLabel('Time zone of the ledger').selectOption('Asia/Tokyo')
    await dialog.getByText('begins at midnight in Asia/Tokyo').waitFor()
    await inspect(page, 'periods-set-zone')
    await dialog.getByRole('button', { name: 'Set the time zone' }).click()
    await page.getByRole('definition').filter({ hasText: 'Asia/Tokyo' }).waitFor()
    await page.getByRole('link', { name: 'Close a period' }).click()
    await page.getByText(', in days of Asia/Tokyo').waitFor()
    await inspect(page, 'close-period-in-zone')
  })
})
