import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { inspect, launchBrowser, withPage } from './browser.fixture.ts'
import { asSuperuser } from './log-database.fixture.ts'
import { type Product, startProduct } from './product.fixture.ts'

/** What somebody with the log's database could do: other bytes where a payment stands. */
async function tamper(product: Product, seq: number): Promise<void> {
  const text = `convert_from(value, 'UTF8')`
  const statement = `update event_log.records
    set value = convert_to(replace(${text}, 'SALARY', 'SOLARY'), 'UTF8') where ${text} like $1`
  const changed = await asSuperuser(product, (client) => client.query(statement, [`%"seq":${seq},%SALARY%`]))
  assert.equal(changed.rowCount, 1)
}

async function verifiedHash(page: Page): Promise<string> {
  await page.getByRole('button', { name: /Verify/ }).click()
  await page.getByText('The log is sound').waitFor()
  return (await page.getByText('Hash of the log').locator('xpath=following-sibling::dd').textContent()) ?? ''
}

test('an auditor replays an account, sees the record behind a balance, verifies the log, and finds it when somebody changed it', {
  timeout: 120_000,
}, async () => {
  const [product, browser] = await Promise.all([startProduct(), launchBrowser()])
  await using _product = product
  try {
    await withPage(browser, product.running.url, 'Vera Proof', async (page) => {
      await page.getByLabel('Account', { exact: true }).fill('ada:main')
      await page.getByRole('button', { name: 'Replay' }).click()
      await page.getByText('Account opened').first().waitFor()
      const balance = page.getByTestId('balance-after')
      assert.match((await balance.textContent()) ?? '', /^0.00/)
      await page.keyboard.press('j')
      await page.getByText('Step 2', { exact: true }).waitFor()
      assert.match((await balance.textContent()) ?? '', /^3,420.50/)
      await page.getByLabel('Jump to step').fill('12')
      await page.keyboard.press('Enter')
      await page.getByText('Step 12', { exact: true }).waitFor()
      await page.getByRole('heading', { level: 1 }).click()
      await page.keyboard.press('k')
      await page.getByText('Step 11', { exact: true }).waitFor()
      assert.match(page.url(), /step=11/)

      await page.getByRole('button', { name: 'Step 2', exact: true }).click()
      await page.getByRole('link', { name: /^Record 0:/ }).click()
      await page.getByRole('heading', { level: 1, name: /^Record 0:/ }).waitFor()
      const seq = Number(/0:(\d+)$/.exec(decodeURIComponent(page.url()))?.[1])
      await page.getByText('operator:olga').first().waitFor()
      assert.equal(await page.locator('[data-passed=true]').count(), 3)
      await page.getByRole('button', { name: 'Show byte for byte' }).first().click()
      await page.getByText('{"specversion":"1.0"').waitFor()

      await page.goto(`${product.running.url}/payments/pay-0-${seq}`)
      await page.getByRole('link', { name: 'Record in the log' }).click()
      await page.getByRole('heading', { level: 1, name: `Record 0:${seq}` }).waitFor()

      await page.goto(`${product.running.url}/audit/verify`)
      const hash = await verifiedHash(page)
      await inspect(page, 'audit-verify')
      const outside = await product.micropay('verify').ended
      assert.equal(outside.code, 0, outside.output)
      assert.ok(outside.output.includes(hash), `from outside the log has another hash: ${outside.output}`)

      await tamper(product, seq)
      await page.getByRole('button', { name: 'Verify again' }).click()
      await page.getByText('The log is not sound', { exact: true }).waitFor()
      assert.equal((await product.micropay('verify').ended).code, 1)
      const status = await product.micropay('status').ended
      assert.equal(status.code, 1, status.output)
      assert.match(status.output, /the log is NOT SOUND, verified at \S+: chain_broken at 0:/)
      await page.goto(`${product.running.url}/audit/accounts/ada:main`)
      await page.getByText(`The replay ends before position 0:${seq}`).waitFor()
      await page.goto(`${product.running.url}/audit/records/0:${seq}`)
      await page.getByText('The bytes were changed').waitFor()

      await page.goto(`${product.running.url}/audit/accesses`)
      await page.getByText(`GET /v1/audit/records/0/${seq}`).first().waitFor()
      await page.getByText('GET /v1/audit/partitions/0/verify').first().waitFor()
      await page.getByLabel('What was asked').fill('ada:main')
      await page.keyboard.press('Enter')
      await page.getByText('GET /v1/audit/partitions/0/verify').first().waitFor({ state: 'detached' })
      await page.getByText('GET /v1/audit/accounts/ada:main/replay').first().waitFor()
    })
  } finally {
    await browser.close()
  }
})
