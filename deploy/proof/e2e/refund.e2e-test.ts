import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Account } from '@micropay/schemas/api/account'
import { PaymentAccepted } from '@micropay/schemas/api/payment'
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

async function balanceOf(accountId: string): Promise<bigint> {
  const answer = await product.as('olga').send({ method: 'GET', path: `/v1/accounts/${accountId}` })
  return BigInt(Account.parse(answer.body).balance)
}

async function pay(key: string, legs: readonly (readonly [account: string, amount: string])[], reference: string) {
  const answer = await product.as('olga').send({
    ...{ method: 'POST', path: '/v1/payments', headers: { 'idempotency-key': key } },
    body: JSON.stringify({
      ...{ legs: legs.map(([account, amount]) => ({ account, amount, currency: 'EUR' })), reference },
    }),
  })
  assert.equal(answer.status, 201, JSON.stringify(answer.body))
  const { paymentId } = PaymentAccepted.parse(answer.body)
  return String(paymentId)
}

async function go(page: Page, path: string): Promise<void> {
  await page.goto(`${product.running.url}${path}`)
}

const twoLegs = [
  ['ada:main', '-1000'],
  ['ben:main', '1000'],
] as const

test('undo a wrong payment: an operator gives one back whole, and of another a part, never more than is left', {
  timeout: 120_000,
}, async () => {
  const before = await balanceOf('ada:main')
  const whole = await pay('refund-whole', twoLegs, 'INV-7')
  const other = await pay('refund-part', twoLegs, 'INV-8')
  await withPage(browser, product.running.url, 'Olga Teller', async (page) => {
    await go(page, `/payments/${whole}`)
    await page.getByRole('link', { name: 'Refund' }).click()
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByText('Say why').waitFor()
    await page.getByLabel('Reason').fill('Paid twice')
    await inspect(page, 'refund-form')
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByText(`${whole}, all that is left`).waitFor()
    await page.getByRole('row').filter({ hasText: 'ada:main' }).getByText('Stands at').waitFor()
    await inspect(page, 'refund-review')
    await page.getByRole('button', { name: 'Give the money back' }).click()
    await page.getByText('This is a refund').waitFor()
    await inspect(page, 'refund-posted')
    await page.getByRole('link', { name: 'Receipt' }).click()
    await page.getByText('Refund of INV-7').waitFor()
    await inspect(page, 'refund-receipt')
    await go(page, `/payments/${whole}`)
    await page.getByText(/^Refunded 10\.00 EUR of 10\.00 EUR$/).waitFor()
    assert.equal(await page.getByRole('link', { name: 'Refund', exact: true }).count(), 0)
    await inspect(page, 'payment-refunded')

    await go(page, `/payments/${other}/refund`)
    await page.getByLabel('Give back').selectOption('part')
    await page.getByLabel('Amount').fill('3')
    await page.getByLabel('Reason').fill('Broken')
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByText(`${other}, a part`).waitFor()
    await page.getByRole('button', { name: 'Give the money back' }).click()
    await page.getByText('This is a refund').waitFor()
    await page.getByRole('link', { name: other }).click()
    await page.getByText(/^Refunded 3\.00 EUR of 10\.00 EUR$/).waitFor()
    await page.getByRole('link', { name: 'Refund', exact: true }).click()
    await page.getByLabel('Give back').selectOption('part')
    await page.getByLabel('Amount').fill('7.01')
    await page.getByLabel('Reason').fill('Broken, too')
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByText(`7.00 EUR of ${other} is left to go back from ben:main`).waitFor()
    await inspect(page, 'refund-of-too-much')
  })
  assert.equal(await balanceOf('ada:main'), before - 700n)
})

test('a payment to many is given back account by account, and who was paid by one gives back on their own', {
  timeout: 120_000,
}, async () => {
  const split = await pay(
    'refund-split',
    [
      ['ada:main', '-600'],
      ['ben:main', '200'],
      ['fees:eur', '400'],
    ],
    'Split',
  )
  const own = await pay('refund-own', twoLegs, 'INV-9')
  await withPage(browser, product.running.url, 'Olga Teller', async (page) => {
    await go(page, `/payments/${split}/refund`)
    await page.getByLabel('Give back').selectOption('part')
    await page.getByLabel(/^Back to/).fill('1')
    await page
      .getByLabel(/^Back from/)
      .first()
      .fill('0.40')
    await page
      .getByLabel(/^Back from/)
      .last()
      .fill('0.60')
    await page.getByLabel('Reason').fill('A discount')
    await inspect(page, 'refund-of-legs')
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByRole('button', { name: 'Give the money back' }).click()
    await page.getByText('This is a refund').waitFor()
  })
  await withPage(browser, product.running.url, 'Ada Lovelace', async (page) => {
    await go(page, `/payments/${own}/refund`)
    await page.getByText('You paid this, so you cannot give it back').waitFor()
    assert.equal(await page.getByLabel('Reason').count(), 0)
    await inspect(page, 'refund-by-payer')
  })
  await withPage(browser, product.running.url, 'Ben Franklin', async (page) => {
    await go(page, `/payments/${own}/refund`)
    await page.getByLabel('Reason').fill('Sent by mistake')
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByRole('button', { name: 'Give the money back' }).click()
    await page.getByText('This is a refund').waitFor()
    await go(page, '/accounts/ben:main')
    await page
      .getByText(/Refund of INV-9/)
      .first()
      .waitFor()
    await inspect(page, 'statement-with-refunds')
  })
})
