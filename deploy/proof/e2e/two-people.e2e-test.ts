import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Account } from '@micropay/schemas/api/account'
import { ProposalDecided } from '@micropay/schemas/api/approval'
import { PaymentAccepted } from '@micropay/schemas/api/payment'
import type { Browser, Page } from 'playwright-core'
import { longBankStatement } from './bank-statement.fixture.ts'
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

/** As it stands at a position, or at the newest that is shown. */
async function accountOf(accountId: string, atLeast?: string): Promise<Account> {
  const headers = atLeast === undefined ? {} : { 'at-least': atLeast, prefer: 'wait=10' }
  const answer = await product.as('olga').send({ method: 'GET', path: `/v1/accounts/${accountId}`, headers })
  return Account.parse(answer.body)
}

async function needsTwo(page: Page, command: string): Promise<void> {
  await page.goto(`${product.running.url}/policies`)
  await page.getByRole('button', { name: `Change: ${command}`, exact: true }).click()
  await page.getByLabel('Persons', { exact: true }).selectOption('2')
  await page.getByRole('button', { name: 'Set the rule' }).click()
  await page.getByRole('row').filter({ hasText: command }).getByText('two persons').waitFor()
}

async function approve(page: Page, sentence: RegExp): Promise<void> {
  await page.getByRole('link', { name: 'Approvals 1 waiting' }).first().click()
  await page.getByRole('link', { name: sentence }).click()
  await page.getByText('If you approve now').waitFor()
}

test('raise a limit with two people: one asks for it, and it counts once another has approved it', {
  timeout: 120_000,
}, async () => {
  const { url } = product.running
  assert.equal((await accountOf('ben:main')).overdraftLimit, '0')
  await withPage(browser, url, 'Fiona Ledger', (page) => needsTwo(page, 'Change an account'))
  await withPage(browser, url, 'Olga Teller', async (page) => {
    await page.goto(`${url}/accounts/ben:main`)
    await page.getByRole('button', { name: 'Edit', exact: true }).click()
    const dialog = page.getByRole('alertdialog')
    await dialog.getByLabel('Overdraft limit').fill('750')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await dialog.getByText('It waits for a second person').waitFor()
    await inspect(page, 'limit-waits')
    assert.equal((await accountOf('ben:main')).overdraftLimit, '0')
    await page.reload()
    await page.getByText('Change ben:main (overdraft limit 750.00 EUR): you asked for it').waitFor()
    await inspect(page, 'account-change-waits')
    await page.getByRole('link', { name: 'See what waits' }).click()
    await page.getByText('somebody else has to approve it').waitFor()
    assert.equal(await page.getByRole('button', { name: 'Approve' }).count(), 0)
  })
  await withPage(browser, url, 'Otto Teller', async (page) => {
    await page.goto(`${url}/accounts/ben:main`)
    await page.getByText('Change ben:main (overdraft limit 750.00 EUR): operator:olga asked for it').waitFor()
    await approve(page, /^Change ben:main/)
    await page.getByText('750.00 EUR').waitFor()
    await page.getByText('instead of 0.00 EUR').waitFor()
    await inspect(page, 'limit-to-approve')
    await page.getByRole('button', { name: 'Approve' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Approve' }).click()
    await page.getByText('Approved and done').waitFor()
    await page.getByText('instead of 0.00 EUR').waitFor()
    await inspect(page, 'limit-approved')
    await page.goto(`${url}/accounts/ben:main`)
    await page.getByText('750.00').first().waitFor()
    assert.equal(await page.getByText('It waits for a second person').count(), 0)
  })
  assert.equal((await accountOf('ben:main')).overdraftLimit, '75000')
})

test('a refund that needs two people waits on the page of its payment, and gives the money back once approved', {
  timeout: 120_000,
}, async () => {
  const { url } = product.running
  const legs = [
    { account: 'ada:main', amount: '-900', currency: 'EUR' },
    { account: 'ben:main', amount: '900', currency: 'EUR' },
  ]
  const paid = await product.as('olga').send({
    ...{ method: 'POST', path: '/v1/payments', headers: { 'idempotency-key': 'two-people-1' } },
    body: JSON.stringify({ legs, reference: 'INV-12' }),
  })
  const paymentId = String(PaymentAccepted.parse(paid.body).paymentId)
  const before = BigInt((await accountOf('ada:main', String(paid.headers.position))).balance)
  await withPage(browser, url, 'Fiona Ledger', (page) => needsTwo(page, 'Refund a payment'))
  await withPage(browser, url, 'Olga Teller', async (page) => {
    await page.goto(`${url}/payments/${paymentId}`)
    await page.getByRole('link', { name: 'Refund', exact: true }).click()
    await page.getByLabel('Reason').fill('Paid twice')
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByText('This needs a second person').waitFor()
    await page.getByText('All that is left: 9.00 EUR').waitFor()
    await inspect(page, 'refund-needs-two')
    await page.getByRole('button', { name: 'Ask for the refund' }).click()
    await page.getByText('It waits for a second person').waitFor()
    await inspect(page, 'refund-waits')
    assert.equal(BigInt((await accountOf('ada:main')).balance), before)
    await page.getByRole('link', { name: 'See what waits' }).click()
    await page.getByRole('heading', { name: `Refund all of payment ${paymentId}` }).waitFor()
    await inspect(page, 'refund-proposed')
  })
  await withPage(browser, url, 'Otto Teller', async (page) => {
    await approve(page, /^Refund all of payment/)
    await page.getByText('Paid twice').waitFor()
    await page.getByText('The money would go back.').waitFor()
    await page.getByRole('link', { name: paymentId }).waitFor()
    await page.getByRole('button', { name: 'Approve' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Approve' }).click()
    await page.getByRole('link', { name: 'See the payment' }).click()
    await page.getByText('This is a refund').waitFor()
    await page.getByRole('link', { name: paymentId }).click()
    await page.getByText(/^Refunded 9\.00 EUR of 9\.00 EUR$/).waitFor()
  })
  assert.equal(BigInt((await accountOf('ada:main')).balance), before + 900n)
})

test('who approves the refund of a part sees it in money, and not in minor units', { timeout: 60_000 }, async () => {
  const give = async (path: string, body: object) => {
    const headers = { 'idempotency-key': `part-of${path}` }
    return product.as('olga').send({ method: 'POST', path, headers, body: JSON.stringify(body) })
  }
  const posting = { from: 'ada:main', to: 'ben:main', amount: '900', currency: 'EUR' }
  const { paymentId } = PaymentAccepted.parse((await give('/v1/payments', { postings: [posting] })).body)
  const part = { amount: '150', reason: 'One came broken' }
  const { proposalId } = ProposalDecided.parse((await give(`/v1/payments/${paymentId}/refund`, part)).body)
  await withPage(browser, product.running.url, 'Otto Teller', async (page) => {
    await page.goto(`${product.running.url}/approvals/${proposalId}`)
    await page.getByText('1.50 EUR').waitFor()
    assert.equal(await page.getByText('minor units').count(), 0)
    await page.getByRole('button', { name: 'Refuse' }).click()
    await page.getByRole('alertdialog').getByLabel('Reason').fill('It is whole')
    await page.getByRole('alertdialog').getByRole('button', { name: 'Refuse' }).click()
    await page.getByText('It was refused').waitFor()
  })
})

test('who approves a long statement sees what it is as a whole, and not its last record alone', {
  timeout: 120_000,
}, async () => {
  const { url } = product.running
  const send = (persona: string, path: string, body: string, type: string) =>
    product.as(persona).send({
      ...{ method: 'POST', path, body },
      headers: { 'idempotency-key': `two-people-${path}`, 'content-type': type },
    })
  const bank = { accountId: 'bank:house', type: 'external', currency: 'EUR', owner: 'house:micropay' }
  assert.equal((await send('olga', '/v1/accounts', JSON.stringify(bank), 'application/json')).status, 201)
  await withPage(browser, url, 'Fiona Ledger', (page) => needsTwo(page, 'Import a bank statement'))
  const asked = await send('fiona', '/v1/statements?account=bank:house', longBankStatement, 'application/xml')
  assert.equal(asked.status, 202, JSON.stringify(asked.body))
  const { proposalId } = ProposalDecided.parse(asked.body)
  const factsOf = async (page: Page) =>
    Object.fromEntries(
      await page
        .locator('dl > *')
        .evaluateAll((facts) =>
          facts.map((fact) => [fact.querySelector('dt')?.textContent, fact.querySelector('dd')?.textContent]),
        ),
    )
  await withPage(browser, url, 'Fiona Ledger', async (page) => {
    await page.goto(`${url}/approvals/${proposalId}`)
    await page.getByText('1500, kept in 3 records').waitFor()
    const { 'Opening balance': opening, 'Credits less debits': moved, 'Closing balance': closing } = await factsOf(page)
    assert.deepEqual([opening, moved, closing], ['1,206.50 EUR', '15.00 EUR', '1,221.50 EUR'])
  })
  await withPage(browser, url, 'Frank Pacioli', async (page) => {
    await page.goto(`${url}/approvals/${proposalId}`)
    await page.getByText('If you approve now').waitFor()
    const { Credits: credits, Debits: debits, 'Bank account': iban } = await factsOf(page)
    assert.deepEqual([credits, debits, iban], ['20.00 EUR', '−5.00 EUR', 'DE02120300000000202051'])
    await inspect(page, 'statement-to-approve')
    await page.getByRole('button', { name: 'Approve' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Approve' }).click()
    await page.getByText('Approved and done').waitFor()
  })
})
