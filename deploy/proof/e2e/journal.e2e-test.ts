import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Account } from '@micropay/schemas/api/account'
import { formatMinor } from '@micropay/schemas/money'
import type { Browser, Locator, Page } from 'playwright-core'
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

const leg = (page: Page, number: number) => page.getByRole('group', { name: `Leg ${number}`, exact: true })
const balance = (page: Page) => page.getByRole('status', { name: 'Balance of the legs' })

async function balanceOf(accountId: string): Promise<bigint> {
  const answer = await product.as('olga').send({ method: 'GET', path: `/v1/accounts/${accountId}` })
  return BigInt(Account.parse(answer.body).balance)
}

async function fillLeg(page: Page, number: number, account: string, side: 'Out' | 'In', amount: string) {
  await leg(page, number).getByLabel('Account', { exact: true }).fill(account)
  await page.keyboard.press('Escape')
  await leg(page, number).getByLabel(side).fill(amount)
}

async function hasFocus(field: Locator): Promise<void> {
  await field.and(field.page().locator(':focus')).waitFor()
}

test('an operator books three legs, mends an assertion that fails, and finds the entry on all three accounts', {
  timeout: 120_000,
}, async () => {
  await withPage(browser, product.running.url, 'Olga Teller', async (page) => {
    const standsAt = (await balanceOf('ada:main')) + 2_000n
    await page.goto(`${product.running.url}/deposit`)
    await page.getByRole('main').getByRole('link', { name: 'Journal entry' }).click()
    await fillLeg(page, 1, 'cash:eur', 'Out', '30')
    await fillLeg(page, 2, 'ada:main', 'In', '20')
    await leg(page, 2).getByLabel('Balance after').fill('0.01')
    await balance(page).getByText('10.00 EUR more has to come in').waitFor()
    await page.getByRole('button', { name: 'Add a leg' }).press('Enter')
    await hasFocus(leg(page, 3).getByLabel('Account', { exact: true }))
    await page.getByRole('button', { name: 'Add a leg' }).press('Enter')
    await page.getByRole('button', { name: 'Remove leg 4' }).press('Enter')
    await hasFocus(leg(page, 3).getByLabel('Account', { exact: true }))
    await fillLeg(page, 3, 'nobody:main', 'In', '10.01')
    await page.getByLabel('Reference').fill('Split of the till')
    await page.getByRole('button', { name: 'Continue' }).click()
    await leg(page, 3).getByText('There is no account nobody:main').waitFor()
    await inspect(page, 'journal-wrong')
    await fillLeg(page, 3, 'ben:main', 'In', '10.01')
    await balance(page).getByText('0.01 EUR more has to go out').waitFor()
    await leg(page, 3).getByLabel('In').fill('10')
    await balance(page).getByText('EUR is balanced').waitFor()
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByText('This payment would be refused').waitFor()
    await leg(page, 2)
      .getByText(`ada:main would stand at ${formatMinor(standsAt, 'EUR')} EUR and not at 0.01 EUR`)
      .waitFor()
    await inspect(page, 'journal-refused')
    await leg(page, 2).getByLabel('Balance after').fill(formatMinor(standsAt, 'EUR'))
    await page.getByRole('button', { name: 'Continue' }).press('Enter')
    await page.getByRole('heading', { name: 'Check and confirm' }).waitFor()
    await page.getByRole('row').filter({ hasText: 'ada:main' }).getByText('as asserted').waitFor()
    await inspect(page, 'journal-review')
    await page.getByRole('button', { name: 'Book journal entry' }).click()
    await page.getByRole('heading', { name: 'Payment posted' }).waitFor()
    await page.getByText(/→ 2 accounts$/).waitFor()
    await inspect(page, 'journal-posted')
    await page.getByRole('link', { name: 'See the payment' }).click()
    await page.getByRole('heading', { name: 'Legs' }).waitFor()
    await page.getByRole('row').filter({ hasText: 'ada:main' }).getByText('Asserted to stand at').waitFor()
    await inspect(page, 'payment-of-legs')
    await page.getByRole('link', { name: 'Receipt' }).click()
    await page.getByText('Account (3 of 3)').waitFor()
    await inspect(page, 'receipt-of-legs')
    assert.equal(await balanceOf('ada:main'), standsAt)
    for (const [account, amount, counterparty] of [
      ['cash:eur', '−30.00', 'Several accounts'],
      ['ada:main', '+20.00', 'Cash'],
      ['ben:main', '+10.00', 'Cash'],
    ] as const) {
      await page.goto(`${product.running.url}/accounts/${account}`)
      const entry = page.getByRole('row').filter({ hasText: 'Split of the till' })
      await entry.getByText(amount).first().waitFor()
      await entry.getByText(counterparty).first().waitFor()
    }
    await page.goto(`${product.running.url}/payments?text=Split`)
    await page.getByText(/→ 2 accounts$/).waitFor()
    await inspect(page, 'payments-of-legs')
  })
})

test('who is paid by a payment of many sees the own leg alone, and who was asked about sees that nothing moved', {
  timeout: 60_000,
}, async () => {
  const legs = [
    { account: 'cash:eur', amount: '-700', currency: 'EUR' },
    { account: 'ben:main', amount: '300', currency: 'EUR' },
    { account: 'fees:eur', amount: '400', currency: 'EUR' },
    { account: 'ada:main', amount: '0', currency: 'EUR' },
  ]
  const answer = await product.as('olga').send({
    ...{ method: 'POST', path: '/v1/payments', headers: { 'idempotency-key': 'journal-of-ben' } },
    body: JSON.stringify({ legs, reference: 'For Ben' }),
  })
  assert.equal(answer.status, 201, JSON.stringify(answer.body))
  await withPage(browser, product.running.url, 'Ben Franklin', async (page) => {
    await page.getByRole('link', { name: 'From others' }).first().click()
    await page.getByText("legs on other people's accounts").waitFor()
    await page.getByRole('row').filter({ hasText: 'ben:main' }).getByText('3.00').filter({ visible: true }).waitFor()
    assert.equal(await page.getByText('fees:eur').count(), 0)
    await inspect(page, 'payment-of-legs-seen-by-one')
  })
  await withPage(browser, product.running.url, 'Ada Lovelace', async (page) => {
    await page.getByRole('link', { name: /^No money moved on/ }).click()
    await page.getByRole('row').filter({ hasText: 'ada:main' }).getByText('0.00').filter({ visible: true }).waitFor()
  })
})
