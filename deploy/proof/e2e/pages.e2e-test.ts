import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { ChartOfAccounts, DailyTotals } from '@micropay/schemas/api/reconciliation'
import { ReplayPage } from '@micropay/schemas/api/replay'
import { pages } from '@micropay/ui/src/app/routes/tree'
import type { Browser, Page } from 'playwright-core'
import { inspect, launchBrowser, withPage } from './browser.fixture.ts'
import { all, firstLoad, type Named, prepare, titles, visits, withNames } from './pages.fixture.ts'
import { type Product, startProduct } from './product.fixture.ts'

let product: Product
let browser: Browser
let named: Named
before(async () => {
  ;[product, browser] = await Promise.all([startProduct(), launchBrowser()])
  named = await prepare(product)
})
after(async () => {
  await browser.close()
  await product[Symbol.asyncDispose]()
})

async function go(page: Page, path: string): Promise<void> {
  await page.goto(product.running.url + withNames(path, named))
}

test('every route of the router is visited', () => {
  assert.deepEqual(Object.keys(visits).sort(), pages.map(({ path }) => path).sort())
})

for (const persona of new Set(all.map(([, visit]) => visit.as))) {
  test(`each page of ${persona}'s is without a finding, light and dark, wide and on a phone`, {
    timeout: 120_000,
  }, async () => {
    await withPage(browser, product.running.url, persona, async (page) => {
      for (const [name, { as, path, shows, tablesScroll }] of all) {
        if (as !== persona) continue
        await go(page, path)
        await shows(page).waitFor()
        assert.match(await page.title(), titles.get(name) ?? / · MicroPay$/)
        await inspect(page, name, { tablesScroll })
      }
    })
  })
}

test('a page that is told to resync reads all that it shows again', { timeout: 60_000 }, async () => {
  await withPage(browser, product.running.url, 'Ada Lovelace', async (page) => {
    let saySo = () => {}
    const shown = new Promise<void>((resolve) => {
      saySo = resolve
    })
    // The retry is so late that only the event can be why the list is asked for again.
    const body = 'retry: 600000\nid: 0:1\nevent: resync\ndata: {"position":"0:1"}\n\n'
    await page.route('**/v1/account-events', async (route) => {
      await shown
      await route.fulfill({ contentType: 'text/event-stream', body })
    })
    await go(page, '/')
    await page.getByText('SALARY').or(page.getByText('E2E-200')).first().waitFor()
    const again = Promise.all([page.waitForRequest(/\/v1\/payments\?/), page.waitForRequest(/\/v1\/accounts\?/)])
    saySo()
    await again
  })
})

test('a replay that begins far into a history looks on while its pages come empty, and says where the history ends', {
  timeout: 60_000,
}, async () => {
  await withPage(browser, product.running.url, 'Vera Proof', async (page) => {
    let goOn = () => {}
    const looked = new Promise<void>((resolve) => {
      goOn = resolve
    })
    await page.route('**/replay?*', async (route) => {
      const url = new URL(route.request().url())
      if (url.searchParams.has('cursor')) await looked
      else url.searchParams.set('limit', '1')
      const response = await route.fetch({ url: url.href })
      const { next, broken } = ReplayPage.parse(await response.json())
      if (url.searchParams.has('cursor')) return route.fulfill({ response })
      return route.fulfill({ response, json: { items: [], next, broken } })
    })
    await go(page, '/audit/accounts/ada:main?step=2&from=2')
    await page.getByText('Looking for step 2').waitFor()
    goOn()
    await page.getByText('Step 3', { exact: true }).waitFor()
    await page.unroute('**/replay?*')
    await go(page, '/audit/accounts/ada:main?step=5000&from=5000')
    await page.getByText(/none from 5000 on/).waitFor()
    await page.getByRole('link', { name: 'Begin with the first step' }).click()
    await page.getByText('Step 1', { exact: true }).waitFor()
  })
})

test('what a browser loads before any page is at most 250 kB, compressed', async () => {
  const files = await firstLoad(product.running.url)
  assert.ok(files.length > 3, 'index.html links its scripts and its style')
  assert.ok(files.every(({ bytes }) => bytes > 0))
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  const largest = files.map((file) => `${file.path} ${file.bytes}`).join('\n')
  assert.ok(bytes <= 250_000, `${bytes} bytes: let what only some pages need be imported by them, lazily\n${largest}`)
})

const sortOf = (page: Page, name: string) =>
  page.getByRole('columnheader', { name, exact: true }).getAttribute('aria-sort')
const firstRow = (page: Page) => page.locator('tbody tr').first()

test('a heading sorts the whole list, the address keeps it, and back undoes it', { timeout: 60_000 }, async () => {
  await withPage(browser, product.running.url, 'Fiona Ledger', async (page) => {
    await go(page, '/trial-balance')
    await firstRow(page).filter({ hasText: 'ada:main' }).waitFor()
    await page.getByRole('button', { name: 'Place', exact: true }).click()
    await firstRow(page).filter({ hasText: 'assets/banks' }).waitFor()
    assert.match(page.url(), /[?&]sort=path/)
    await page.getByRole('button', { name: 'Place', exact: true }).click()
    await firstRow(page).filter({ hasText: 'liabilities/customers/usd' }).waitFor()
    assert.equal(await sortOf(page, 'Place'), 'descending')
    await page.reload()
    await firstRow(page).filter({ hasText: 'liabilities/customers/usd' }).waitFor()
    await page.goBack()
    await firstRow(page).filter({ hasText: 'assets/banks' }).waitFor()
    await page.goBack()
    await firstRow(page).filter({ hasText: 'ada:main' }).waitFor()
    assert.equal(await sortOf(page, 'Account'), 'ascending')
    assert.equal(await sortOf(page, 'Place'), null)
  })
})

test('a list that is not here as a whole says that it is sorted among what is loaded', {
  timeout: 60_000,
}, async () => {
  await withPage(browser, product.running.url, 'Olga Teller', async (page) => {
    await page.route('**/v1/accounts?*', (route) => {
      const url = new URL(route.request().url())
      url.searchParams.set('limit', '5')
      return route.continue({ url: url.href })
    })
    await go(page, '/accounts')
    await page.getByText('Accounts shown: 5, there are more').waitFor()
    await page.getByRole('button', { name: 'Balance', exact: true }).click()
    await page.getByText('Sorted among the 5 loaded, and there are more').waitFor()
    await page.unroute('**/v1/accounts?*')
    await go(page, '/accounts?sort=-balance')
    await page.getByText(/Accounts shown: \d+, that is all/).waitFor()
    assert.equal(await page.getByText('Sorted among').count(), 0)
  })
})

test('how much of a list is loaded stands in the address, until another list is asked for', {
  timeout: 60_000,
}, async () => {
  await withPage(browser, product.running.url, 'Fiona Ledger', async (page) => {
    const entries = () => page.evaluate(() => history.length)
    await go(page, '/payments?text=E2E&pages=4')
    await page.getByText('Payments shown: 3, that is all').waitFor()
    await go(page, '/payments')
    const before = await entries()
    for (const shown of ['Payments shown: 50', 'Payments shown: 100']) {
      await page.getByText(shown).waitFor()
      const more = page.getByRole('button', { name: 'Load more' })
      await more.scrollIntoViewIfNeeded()
      const scrolled = await page.evaluate(() => scrollY)
      await more.click()
      assert.equal(await page.evaluate(() => scrollY), scrolled)
    }
    await page.getByText('Payments shown: 150').waitFor()
    assert.match(page.url(), /[?]pages=3$/)
    assert.equal(await entries(), before)
    await page.reload()
    await page.getByText('Payments shown: 150').waitFor()
    await page.getByLabel('Status').selectOption('posted')
    await page.waitForURL(/status=posted$/)
    await page.getByText('Payments shown: 50').waitFor()
  })
})

test('daily totals lead from a day to its accounts and on to the entries, by keyboard, and are a file', {
  timeout: 60_000,
}, async () => {
  await withPage(browser, product.running.url, 'Fiona Ledger', async (page) => {
    await page.getByRole('link', { name: 'Daily totals' }).first().click()
    await page.getByLabel('From day').fill('2026-03-01')
    await page.getByLabel('To day').fill('2026-03-31')
    await page.getByLabel('Reporting time zone').selectOption('Pacific/Kiritimati')
    const day = page.getByRole('row').filter({ hasText: '2026-03-03' })
    await day.getByText('299.99').first().waitFor()
    assert.match(page.url(), /zone=Pacific/)
    await page.getByRole('heading', { level: 1 }).click()
    await page.keyboard.press('j')
    const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('e')])
    assert.match(await readFile(await download.path(), 'utf8'), /2026-03-03,EUR,299\.99,299\.99,6/)
    await page.keyboard.press('Enter')
    await page.getByRole('row').filter({ hasText: 'bank:house' }).getByText('259.99').first().waitFor()
    await page.getByRole('button', { name: 'Out', exact: true }).click()
    await firstRow(page).filter({ hasText: 'bank:house' }).waitFor()
    await page.getByRole('link', { name: '3 entries of bank:house on 2026-03-03' }).click()
    await page.getByText('Entries shown: 3, that is all').waitFor()
    await page.getByRole('row').filter({ hasText: 'E2E-300' }).getByText('2026-03-03 02:00').first().waitFor()
    await page.getByRole('link', { name: 'Trial balance' }).first().click()
    await page.getByRole('heading', { level: 1, name: 'Trial balance' }).waitFor()
    assert.equal(await page.getByLabel('Reporting time zone').inputValue(), 'Pacific/Kiritimati')
    await page.getByRole('link', { name: 'Payments' }).first().click()
    await page.getByText('Days and times of Pacific/Kiritimati').waitFor()
    await page.getByText('Dates, amounts, counterparty').click()
    await page.getByLabel('From day').fill('2026-03-03')
    await page.getByLabel('To day').fill('2026-03-03')
    await page
      .getByRole('row')
      .filter({ hasText: 'E2E-300' })
      .getByText('2026-03-03 02:00')
      .filter({ visible: true })
      .waitFor()
    await page.getByLabel('Reporting time zone').selectOption('UTC')
    await page.getByText('No payment matches').waitFor()
  })
})

test('on a phone the places that do not fit stand behind More, and the time zone goes along', {
  timeout: 60_000,
}, async () => {
  await withPage(browser, product.running.url, 'Fiona Ledger', async (page) => {
    await page.setViewportSize({ width: 390, height: 844 })
    await go(page, '/trial-balance?zone=Asia/Tokyo')
    await page.getByRole('button', { name: 'More', exact: true }).click()
    await page.getByRole('menuitem', { name: 'Chart' }).click()
    await page.getByRole('heading', { level: 1, name: 'Chart of accounts' }).waitFor()
    assert.equal(await page.getByLabel('Reporting time zone').inputValue(), 'Asia/Tokyo')
    await page.getByRole('menuitem', { name: 'Chart' }).waitFor({ state: 'detached' })
  })
})

test('a total by operation leads to its accounts and their entries, narrowed to it until one lets it go', {
  timeout: 60_000,
}, async () => {
  for (const [key, metadata] of [
    ['rent', { operation: 'rent' }],
    ['other', {}],
  ] as const) {
    const postings = [{ from: 'bank:house', to: 'ada:main', amount: '100', currency: 'EUR' }]
    const payment = { postings, effectiveAt: '2026-02-11T12:00:00.000Z', metadata }
    const answer = await product.as('olga').send({
      ...{ method: 'POST', path: '/v1/payments', body: JSON.stringify(payment) },
      headers: { 'idempotency-key': `by-operation-${key}` },
    })
    assert.equal(answer.status, 201)
  }
  await withPage(browser, product.running.url, 'Fiona Ledger', async (page) => {
    await page.goto(`${product.running.url}/daily-totals?from=2026-02-11&to=2026-02-11&by=operation&zone=UTC`)
    for (const [total, shown] of [
      ['2 entries on 2026-02-11 in EUR, operation rent, by account', 'Operation: rent'],
      ['2 entries on 2026-02-11 in EUR, operation not named, by account', 'Operation: not named'],
    ] as const) {
      await page.getByRole('link', { name: total }).click()
      await page.getByRole('button', { name: shown }).waitFor()
      await page.getByRole('link', { name: /^1 entry of ada:main on 2026-02-11, operation/ }).click()
      await page.getByRole('heading', { level: 1, name: 'Entries of ada:main' }).waitFor()
      await page.getByText('Entries shown: 1, that is all').waitFor()
      await page.getByRole('button', { name: shown }).press('Enter')
      await page.getByText('Entries shown: 2, that is all').waitFor()
      assert.doesNotMatch(page.url(), /operation/)
      assert.equal(await page.evaluate(() => document.activeElement?.id), 'main')
      await page.goBack()
      await page.goBack()
      if (shown === 'Operation: rent') await page.getByRole('link', { name: total }).waitFor()
    }
  })
})

test('a field that is wrong says so below itself, and stays in line with those beside it', {
  timeout: 60_000,
}, async () => {
  await withPage(browser, product.running.url, 'Ada Lovelace', async (page) => {
    const [least, beside] = [page.getByLabel('At least'), page.getByLabel('To day')]
    const topOf = async (field: typeof least) => (await field.boundingBox())?.y
    for (const width of [1440, 390]) {
      await page.setViewportSize({ width, height: 900 })
      await go(page, '/payments')
      await page.getByText('Dates, amounts, counterparty').click()
      await least.fill('much')
      await beside.focus()
      await page.getByText(/^Type an amount such as/).waitFor()
      assert.equal(await topOf(least), await topOf(beside), `at a width of ${width}`)
    }
  })
})

test('a payment whose value date is another day than its booking shows both', { timeout: 60_000 }, async () => {
  await withPage(browser, product.running.url, 'Fiona Ledger', async (page) => {
    await go(page, '/payments?text=E2E-300&zone=Pacific/Kiritimati')
    const imported = page.getByRole('row').filter({ hasText: 'E2E-300' })
    await imported.getByText('Value date 2026-03-03').filter({ visible: true }).waitFor()
    await page.setViewportSize({ width: 390, height: 844 })
    await imported.getByText('Value date 2026-03-03').filter({ visible: true }).waitFor()
    await inspect(page, 'payments-value-date')
    await go(page, '/payments?text=E2E-300&sort=-value')
    await imported.getByText('2026-03-02 12:00').filter({ visible: true }).waitFor()
    assert.equal(await imported.getByText('Value date').count(), 0)
  })
})

test('a place of the chart that stands at zero says so, and in which currency', { timeout: 60_000 }, async () => {
  await withPage(browser, product.running.url, 'Fiona Ledger', async (page) => {
    await page.route('**/v1/chart-of-accounts*', async (route) => {
      const response = await route.fetch()
      const { items, ...rest } = ChartOfAccounts.parse(await response.json())
      const atZero = items.map((node) => (node.path === 'assets' ? { ...node, debit: '0', credit: '0' } : node))
      await route.fulfill({ response, json: { ...rest, items: atZero } })
    })
    await go(page, '/chart-of-accounts')
    for (const currency of ['EUR', 'USD']) {
      const place = page.getByRole('row').filter({ has: page.getByRole('link', { name: `assets, ${currency}` }) })
      await place.getByText(`0.00 ${currency}`).filter({ visible: true }).first().waitFor()
    }
  })
})

test('amounts of tens of millions and counts of five digits fit a phone', { timeout: 60_000 }, async () => {
  await withPage(browser, product.running.url, 'Fiona Ledger', async (page) => {
    await page.route('**/v1/chart-of-accounts*', async (route) => {
      const response = await route.fetch()
      const { items } = ChartOfAccounts.parse(await response.json())
      const large = items.map((node) => ({ ...node, currency: 'CZK', accounts: 12_345, debit: '3827702870' }))
      await route.fulfill({ response, json: { items: large } })
    })
    await page.route('**/v1/daily-totals*', async (route) => {
      const response = await route.fetch()
      const { items, ...rest } = DailyTotals.parse(await response.json())
      const of = { currency: 'CZK', in: '3827702870', out: '3827702870', entries: 12_345 }
      await route.fulfill({ response, json: { ...rest, items: items.map((total) => ({ ...total, ...of })) } })
    })
    for (const path of ['/chart-of-accounts', '/daily-totals', '/daily-totals?by=account']) {
      await go(page, path)
      await page.getByText('38,277,028.70').filter({ visible: true }).first().waitFor()
      await inspect(page, `large${path.replaceAll(/[/?=]/g, '-')}`)
    }
  })
})
