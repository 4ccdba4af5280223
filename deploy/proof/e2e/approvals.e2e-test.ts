import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Account } from '@micropay/schemas/api/account'
import { ProposalDecided } from '@micropay/schemas/api/approval'
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

async function balance(): Promise<bigint> {
  const answer = await product.as('olga').send({ method: 'GET', path: '/v1/accounts/ada:main' })
  return BigInt(Account.parse(answer.body).balance)
}

let keys = 0
function post(persona: string, path: string, body: object) {
  keys += 1
  const headers = { 'idempotency-key': `approvals-${keys}` }
  return product.as(persona).send({ method: 'POST', path, headers, body: JSON.stringify(body) })
}

/** What a page says behind the name of a fact. */
function factOf(page: Page, name: string): Promise<string | null> {
  return page
    .locator('dt')
    .filter({ hasText: new RegExp(`^${name}$`) })
    .locator('xpath=following-sibling::dd')
    .textContent()
}

/** Fills in a deposit on Ada's account up to the last look. */
async function prepareDeposit(page: Page, amount: string): Promise<void> {
  await page.goto(`${product.running.url}/deposit?to=ada:main`)
  await page.getByLabel('External account').selectOption('cash:eur')
  await page.getByLabel('Amount').fill(amount)
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByRole('heading', { name: 'Check and confirm' }).waitFor()
}

async function setRule(page: Page, persons: string, above?: string): Promise<void> {
  await page.goto(`${product.running.url}/policies`)
  await page.getByRole('button', { name: 'Change: Make a payment' }).click()
  await page.getByLabel('Persons', { exact: true }).selectOption(persons)
  if (above !== undefined) await page.getByLabel('Above').fill(above)
  await page.getByRole('button', { name: 'Set the rule' }).click()
}

test('a payment above a rule’s amount waits for a second person, and counts once it is approved', {
  timeout: 120_000,
}, async () => {
  const { url } = product.running
  await withPage(browser, url, 'Fiona Ledger', async (page) => {
    await setRule(page, '2', '1000')
    const rule = page.getByRole('row').filter({ hasText: 'Make a payment' })
    await rule.getByText('two persons above 1,000.00 EUR or in another currency').waitFor()
    await rule.getByText('by finance:fiona').waitFor()
  })
  const before = await balance()
  await withPage(browser, url, 'Olga Teller', async (page) => {
    await prepareDeposit(page, '1500')
    await page.getByText('This needs a second person').waitFor()
    await inspect(page, 'deposit-needs-two')
    await page.getByRole('button', { name: 'Book deposit' }).click()
    await page.getByRole('heading', { name: 'Waits for a second person' }).waitFor()
    await inspect(page, 'deposit-waits')
    assert.equal(await balance(), before)
    await page.getByRole('link', { name: 'See what waits' }).click()
    await page.getByRole('heading', { name: 'Pay 1,500.00 EUR from cash:eur to ada:main' }).waitFor()
  })
  await withPage(browser, url, 'Otto Teller', async (page) => {
    await page.getByRole('link', { name: 'Approvals 1 waiting' }).first().click()
    await page.getByRole('link', { name: /Pay 1,500\.00 EUR/ }).click()
    await page.getByText('The payment would be posted.').waitFor()
    await page.getByRole('button', { name: 'Approve' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Approve' }).click()
    await page.getByRole('link', { name: 'See the payment' }).click()
    await page.getByText('Posted', { exact: true }).first().waitFor()
    await page.getByText('1,500.00').first().waitFor()
    assert.equal(await factOf(page, 'Asked for by'), 'operator:olga')
    assert.equal(await factOf(page, 'Approved by'), 'operator:otto')
    await inspect(page, 'payment-approved')
    assert.equal(await balance(), before + 150_000n)
  })
})

test('what is not above the amount is posted at once; what waits is refused or taken back, and never happens', {
  timeout: 120_000,
}, async () => {
  const { url } = product.running
  await withPage(browser, url, 'Frank Pacioli', (page) => setRule(page, '2', '1000'))
  await withPage(browser, url, 'Olga Teller', async (page) => {
    const before = await balance()
    await prepareDeposit(page, '1000')
    await page.getByRole('button', { name: 'Book deposit' }).click()
    await page.getByRole('heading', { name: 'Payment posted' }).waitFor()
    for (const amount of ['1000.01', '1000.02']) {
      await prepareDeposit(page, amount)
      await page.getByRole('button', { name: 'Book deposit' }).click()
      await page.getByRole('link', { name: 'See what waits' }).waitFor()
    }
    await page.getByRole('link', { name: 'See what waits' }).click()
    await page.getByRole('button', { name: 'Take it back' }).click()
    await page.getByLabel('Reason').fill('Typed the wrong amount')
    await page.getByRole('alertdialog').getByRole('button', { name: 'Take it back' }).click()
    await page.getByText('It was taken back').waitFor()
    await page.getByText(/Typed the wrong amount/).waitFor()

    await withPage(browser, url, 'Otto Teller', async (other) => {
      await other.goto(`${url}/approvals?status=open`)
      await other.getByRole('link', { name: /Pay 1,000\.01 EUR/ }).click()
      await other.getByRole('button', { name: 'Refuse' }).click()
      await other.getByLabel('Reason').fill('No receipt')
      await other.getByRole('alertdialog').getByRole('button', { name: 'Refuse' }).click()
      await other.getByText('It was refused').waitFor()
      await other.goto(`${url}/approvals`)
      await other.getByRole('row').filter({ hasText: '1,000.01' }).getByText('Refused').waitFor()
      await inspect(other, 'approvals-decided')
    })
    await page.reload()
    await page.getByText('It was taken back').waitFor()
    assert.equal(await balance(), before + 100_000n)
  })
})

test('who approves is told why a payee cannot be paid; the refused payment is its maker’s, who is told neither', {
  timeout: 120_000,
}, async () => {
  const { url } = product.running
  assert.equal((await post('fiona', '/v1/policies', { command: 'MakePayment', people: 2 })).status, 201)
  const posting = { from: 'ada:main', to: 'ben:savings', amount: '100', currency: 'EUR' }
  const proposed = await post('ada', '/v1/payments', { postings: [posting] })
  assert.equal(proposed.status, 202)
  const { proposalId, hash } = ProposalDecided.parse(proposed.body)
  await withPage(browser, url, 'Ada Lovelace', async (page) => {
    for (const path of ['/', '/payments']) {
      await page.goto(url + path)
      await page.getByText('Pay 1.00 EUR from ada:main to ben:savings: you asked for it').waitFor()
      await inspect(page, `own-proposal${path.replace('/', '-')}`)
    }
    await page.getByRole('link', { name: 'See what waits' }).click()
    await page.getByRole('button', { name: 'Take it back' }).waitFor()
  })
  assert.equal((await post('olga', '/v1/accounts/ben:savings/freeze', {})).status, 201)
  await withPage(browser, url, 'Otto Teller', async (page) => {
    await page.goto(`${url}/approvals/${proposalId}`)
    await page.getByText('It would be refused now').waitFor()
    await page.getByText('The cause, for staff alone: ben:savings is frozen').waitFor()
    await inspect(page, 'approval-in-vain')
    const refused = await post('otto', `/v1/approvals/${proposalId}/approve`, { hash })
    assert.equal(refused.status, 422)
    const paymentId = `pay-${Problem.parse(refused.body).position?.replace(':', '-')}`
    await page.goto(`${url}/payments/${paymentId}`)
    assert.equal(await factOf(page, 'Asked for by'), 'customer:ada')
    assert.equal(await factOf(page, 'Was to be approved by'), 'operator:otto')
    await inspect(page, 'payment-approved-in-vain')
    await withPage(browser, url, 'Ada Lovelace', async (own) => {
      await own.goto(`${url}/payments/${paymentId}`)
      assert.equal(await factOf(own, 'Asked for by'), 'customer:ada')
      assert.doesNotMatch((await own.locator('main').textContent()) ?? '', /otto|frozen/)
    })
  })
})
