import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openParkingLot } from '@micropay/event-log/postgres/parked'
import { systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import { WorkerStatusList } from '@micropay/schemas/api/worker'
import type { Browser } from 'playwright-core'
import { inspect, launchBrowser, withPage } from './browser.fixture.ts'
import { type Product, startProduct } from './product.fixture.ts'

let product: Product
let browser: Browser
before(async () => {
  ;[product, browser] = await Promise.all([startProduct({ partitions: 3 }), launchBrowser()])
})
after(async () => {
  await browser.close()
  await product[Symbol.asyncDispose]()
})

const forged = `${'m'.repeat(43)}.{"kind":"commit","payment":"pay-2-900","from":2,"to":1}`

/** Parks what nobody of the ledger wrote, as a worker does that got it. */
async function park(texts: readonly string[]): Promise<void> {
  const { leases: url = assert.fail() } = product.running
  const lot = openParkingLot({ url, clock: systemClock, log: createLogger('test', 'silent') })
  const reason = 'no worker of this ledger wrote it, or it was changed on its way'
  for (const [index, text] of texts.entries()) {
    await lot.park({ partition: 1, value: Buffer.from(text), reason, at: systemClock.nowMs() - index * 60_000 })
  }
  await lot.close()
}

test('who is on call sees what is parked, tries it again in vain, and drops it for a reason', {
  timeout: 120_000,
}, async () => {
  await park([forged, 'neither'])
  await withPage(browser, product.running.url, 'Sam Uptime', async (page) => {
    await page.goto(`${product.running.url}/projections`)
    const items = page.getByRole('list', { name: 'Parked messages' }).getByRole('listitem')
    const first = items.filter({ hasText: 'commit' })
    await first.getByText('As it claims: payment pay-2-900, from partition 2 to 1').waitFor()
    await items.filter({ hasText: '7 bytes that cannot be read' }).waitFor()
    await page.getByText('2 parked messages').waitFor()
    await inspect(page, 'parked', { tablesScroll: true })

    await first.getByRole('button', { name: 'Try again' }).click()
    const dialog = page.getByRole('alertdialog')
    await dialog.getByText('No worker of this ledger wrote it, so it is refused again').waitFor()
    await dialog.getByRole('button', { name: 'Try again' }).click()
    await page.getByText('Refused again').waitFor()
    await first.waitFor()

    await first.getByRole('button', { name: 'Drop' }).click()
    await dialog.getByRole('button', { name: 'Drop it' }).click()
    await dialog.getByText('Say why it is dropped.').waitFor()
    await inspect(page, 'parked-drop', { tablesScroll: true })
    await dialog.getByRole('textbox', { name: 'Reason' }).fill('it is forged')
    await dialog.getByRole('button', { name: 'Drop it' }).click()
    await first.waitFor({ state: 'detached' })
  })
  await withPage(browser, product.running.url, 'Olga Teller', async (page) => {
    await page.goto(`${product.running.url}/projections`)
    await page.getByText('7 bytes that cannot be read').waitFor()
    assert.equal(await page.getByRole('button', { name: 'Try again' }).count(), 0)
  })
})

test('micropay parked shows the rest and drops it, and micropay status says so', { timeout: 60_000 }, async () => {
  const status = await product.micropay('status').ended
  assert.match(status.output, /messages between partitions are PARKED/)
  const listed = await product.micropay('parked').ended
  const [, id = ''] = /^ +(1-[0-9a-f]{64})$/m.exec(listed.output) ?? []
  assert.match(listed.output, /^1 message parked\n {2}partition 1: 7 bytes that cannot be read; at /)
  const dropped = await product.micropay('parked', 'drop', id, '--reason', 'nobody knows it').ended
  assert.deepEqual([dropped.code, dropped.output], [0, `${id}: dropped\n`])
  assert.equal((await product.micropay('parked').ended).output, 'nothing is parked\n')
})

test('payments that wait for a partition that is away are red, and say what to do', { timeout: 60_000 }, async () => {
  await withPage(browser, product.running.url, 'Sam Uptime', async (page) => {
    await page.route('**/v1/workers', async (route) => {
      const response = await route.fetch()
      const { items } = WorkerStatusList.parse(await response.json())
      const slow = { partition: 0, open: 2, oldestMs: 12_400, overdue: 0, pastDeadlineMs: 0 }
      const away = { partition: 1, open: 31, oldestMs: 140_000, overdue: 4, pastDeadlineMs: 80_000 }
      const underWay = { open: 33, oldestMs: 140_000, sent: 0, received: 0, waitsFor: [slow, away] }
      const changed = items.map((item) => (item.partition === 2 ? { ...item, underWay } : item))
      return route.fulfill({ response, json: { items: changed } })
    })
    await page.goto(`${product.running.url}/projections`)
    await page.getByText('Payments wait for partition 1', { exact: true }).waitFor()
    await page.getByText('4 are open behind their deadline, the first for 80 s, begun by partition 2.').waitFor()
    await page.getByText('33 open, the oldest for 2 min.').waitFor()
    const table = page.getByRole('table', { name: 'Payments under way' })
    await table.getByRole('row').filter({ hasText: 'away' }).getByText('31').waitFor()
    await table.getByRole('row').filter({ hasText: 'slow' }).getByText('12 s').waitFor()
    await page.getByText('Nothing is parked').waitFor()
    await inspect(page, 'under-way', { tablesScroll: true })
  })
})
