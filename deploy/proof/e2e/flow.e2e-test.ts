import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { History } from '@micropay/schemas/api/history'
import { ProjectionStatusList } from '@micropay/schemas/api/projection'
import { WorkerStatusList } from '@micropay/schemas/api/worker'
import type { Browser } from 'playwright-core'
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

async function deposit(key: string): Promise<void> {
  const answer = await product.as('olga').send({
    method: 'POST',
    path: '/v1/payments',
    headers: { 'idempotency-key': key },
    body: JSON.stringify({ postings: [{ from: 'cash:eur', to: 'ada:main', amount: '1', currency: 'EUR' }] }),
  })
  assert.equal(answer.status, 201, JSON.stringify(answer.body))
}

async function liveSchema(): Promise<string> {
  const answer = await product.as('sam').send({ method: 'GET', path: '/v1/projections' })
  const { items, unreachable } = ProjectionStatusList.parse(answer.body)
  assert.deepEqual(unreachable, [])
  return items.find(({ service, state }) => service === 'accounts' && state === 'live')?.schema ?? ''
}

test('a rebuild that is under way is told after a reload, and no second one is offered meanwhile', {
  timeout: 60_000,
}, async () => {
  await withPage(browser, product.running.url, 'Sam Uptime', async (page) => {
    await page.route('**/v1/projections', async (route) => {
      const response = await route.fetch()
      const { items, unreachable } = ProjectionStatusList.parse(await response.json())
      const unfinished = items
        .filter(({ service }) => service === 'accounts')
        .flatMap((live) => [
          {
            ...live,
            schema: 'accounts_v1_99',
            state: 'building',
            appliedRecords: 109,
            percent: 54.7,
            etaSeconds: 9,
            ratePerSecond: 7,
          },
          { ...live, schema: 'accounts_v1_98', state: 'retired', percent: 54.7, etaSeconds: null },
        ])
      return route.fulfill({ response, json: { items: [...items, ...unfinished], unreachable } })
    })
    await page.goto(`${product.running.url}/projections`)
    await page.getByText('Another version of accounts is under way').waitFor()
    const rebuild = page.getByRole('button', { name: 'Rebuild accounts' })
    assert.equal(await rebuild.getAttribute('aria-disabled'), 'true')
    await rebuild.click({ force: true })
    assert.equal(await page.getByRole('alertdialog').count(), 0)
    const kept = page.getByRole('row').filter({ hasText: 'accounts_v1_98' })
    assert.equal(await kept.getByRole('progressbar').count(), 0)
    assert.equal(await page.getByText('time left unknown').count(), 0)
    await inspect(page, 'rebuild-under-way', { tablesScroll: true })
  })
})

test('a projection that hangs is red everywhere, behind by more each second, and is offered no rebuild', {
  timeout: 120_000,
}, async () => {
  const pid = product.running.services['audit-projection']
  assert.ok(pid, Object.keys(product.running.services).join(', '))
  try {
    await withPage(browser, product.running.url, 'Sam Uptime', async (page) => {
      await page.goto(`${product.running.url}/projections`)
      const row = page.getByRole('row').filter({ hasText: 'audit' })
      await row.getByText('Live').waitFor()
      const stage = page.getByRole('listitem').filter({ hasText: 'commits applied a second' })
      await stage.getByText('OK').waitFor()
      process.kill(pid, 'SIGSTOP')
      for (let paid = 0; paid < 3; paid += 1) await deposit(`hanging-${paid}`)

      await row.getByText('Unreachable').waitFor()
      await row.getByText(/^0:[0-9]+$/).waitFor()
      await row
        .getByText(/^at least [1-9]/)
        .first()
        .waitFor()
      await stage.getByText('Trouble').waitFor()
      await stage.getByText(/^audit does not answer; at least [1-9][0-9]* records behind$/).waitFor()
      await page.getByText('2 of 3 projections answer').waitFor()
      await page
        .getByText(/^Seconds old: at least/)
        .first()
        .waitFor()
      const behind = () => row.getByRole('cell').nth(5).textContent()
      const before = await behind()
      await page.waitForFunction((was) => !document.body.textContent.includes(`${was}`), before)
      assert.ok(secondsIn(await behind()) > secondsIn(before))
      const rebuild = page.getByRole('button', { name: 'Rebuild audit' })
      assert.equal(await rebuild.isDisabled(), true)
      await page.getByText('audit can be rebuilt once it answers again: now it does not answer').waitFor()
      await inspect(page, 'flow-hanging', { tablesScroll: true })

      await page.reload()
      await row.getByText('Unreachable').waitFor()
      await stage.getByText('Trouble').waitFor()
      await row.getByText(/^at least [1-9]/).waitFor()
      await page.getByText('2 of 3 projections answer').waitFor()
      assert.equal(await rebuild.isDisabled(), true)
      await inspect(page, 'flow-hanging-unknown', { tablesScroll: true })

      process.kill(pid, 'SIGCONT')
      await row.getByText('Live').waitFor()
      await stage.getByText('OK').waitFor()
      assert.equal(await rebuild.isDisabled(), false)
    })
  } finally {
    process.kill(pid, 'SIGCONT')
  }
})

test('a page whose service stands still says that it waits, and shows what comes once it answers', {
  timeout: 120_000,
}, async () => {
  const pid = product.running.services.accounts
  assert.ok(pid, Object.keys(product.running.services).join(', '))
  try {
    await withPage(browser, product.running.url, 'Olga Teller', async (page) => {
      const notice = page.getByText('Part of this page has not come yet')
      const row = page.getByRole('link', { name: 'ada:main' }).first()
      await page.goto(`${product.running.url}/accounts`)
      await row.waitFor()
      assert.equal(await notice.count(), 0)
      process.kill(pid, 'SIGSTOP')
      await page.goto(`${product.running.url}/accounts?type=customer`)
      await notice.waitFor({ timeout: 25_000 })
      await inspect(page, 'late', { tablesScroll: true })
      process.kill(pid, 'SIGCONT')
      await row.waitFor({ timeout: 40_000 })
      await notice.waitFor({ state: 'detached' })
    })
  } finally {
    process.kill(pid, 'SIGCONT')
  }
})

function secondsIn(text: string | null): number {
  return Number(text?.replace(/[^0-9.]/g, ''))
}

test('an SRE sees the flow alive, rebuilds a read model to its end, and goes back to the one before', {
  timeout: 90_000,
}, async () => {
  await withPage(browser, product.running.url, 'Sam Uptime', async (page) => {
    await page.goto(`${product.running.url}/projections`)
    const stages = page.getByRole('list', { name: 'The flow, stage by stage' }).getByRole('listitem')
    await stages.nth(4).getByText('OK').waitFor()
    assert.equal(await stages.count(), 5)
    await page.locator('canvas').nth(2).waitFor()

    for (let paid = 0; paid < 10; paid += 1) await deposit(`flow-${paid}`)
    await stages
      .filter({ hasText: 'Write side' })
      .getByText(/^[1-9][\d.]*$|^0\.[1-9]$/)
      .waitFor()
    const { items } = WorkerStatusList.parse(
      (await product.as('sam').send({ method: 'GET', path: '/v1/workers' })).body,
    )
    assert.equal(items[0]?.lease?.holder, items[0]?.worker)
    assert.ok((items[0]?.appendLatencyMs?.p99 ?? 0) > 0)
    await page.getByText('The same as a table').first().click()
    await page.getByRole('region', { name: 'Per second, the last 10 seconds' }).getByRole('row').nth(2).waitFor()
    await page.getByRole('region', { name: 'Workers and partitions' }).getByText('serving').waitFor()
    await inspect(page, 'flow', { tablesScroll: true })

    const first = await liveSchema()
    await page.getByRole('button', { name: 'Rebuild accounts' }).click()
    await page.getByRole('button', { name: 'Start rebuild' }).click()
    await page.getByText('Rebuild of accounts is done').waitFor()
    const second = await liveSchema()
    assert.notEqual(second, first)
    const applied = page.getByRole('progressbar', { name: `accounts, ${second}, partition 0` })
    await applied.waitFor()
    assert.equal(await applied.getAttribute('value'), '100')

    await deposit('flow-after-the-rebuild')
    await page.getByRole('button', { name: 'Roll back accounts' }).click()
    await page.getByRole('button', { name: 'Start rollback' }).click()
    await page.getByText('Rollback of accounts is done').waitFor()
    assert.equal(await liveSchema(), first)
  })
})

test('the last hour is told: figures, what changed, the last errors, and alerts with the way to their runbook', {
  timeout: 120_000,
}, async () => {
  await withPage(browser, product.running.url, 'Sam Uptime', async (page) => {
    const alert = { name: 'ProjectionStopped', severity: 'page', since: '2026-03-01T09:00:00.000Z' }
    const runbook = 'https://runbooks.example/projection-stopped'
    let hasAlerts = false
    await page.route('**/v1/history', async (route) => {
      const response = await route.fetch()
      const told = History.parse(await response.json())
      const summary = 'accounts has stood still for five minutes'
      const ticket = { ...alert, name: 'SnapshotOld', severity: 'ticket', summary: null, runbook: 'docs/runbooks/x.md' }
      const alerts = hasAlerts ? [{ ...alert, summary, runbook }, ticket] : null
      return route.fulfill({ response, json: { ...told, alerts, alertsReason: hasAlerts ? null : told.alertsReason } })
    })
    await page.goto(`${product.running.url}/projections`)
    await page.getByRole('heading', { name: 'The last hour', exact: true }).waitFor()
    await page.getByText(/^Seen by this gateway every 10 s since/).waitFor()
    await page.getByText('no Alertmanager is named: ALERTMANAGER_URL').waitFor()
    await page.getByText('Per second, the last hour').first().waitFor()
    const told = History.parse((await product.as('sam').send({ method: 'GET', path: '/v1/history' })).body)
    const services = told.errors.map(({ service }) => service)
    const others = ['accounts', 'audit', 'reconciliation'].flatMap((name) => [name, `projections/${name}`])
    assert.deepEqual(services.toSorted(), ['gateway', 'write-side', ...others].toSorted())
    assert.deepEqual(told.unreachable, [])
    await inspect(page, 'last-hour', { tablesScroll: true })

    hasAlerts = true
    const link = page.getByRole('alert').getByRole('link', { name: 'What to do' })
    await link.waitFor({ timeout: 30_000 })
    assert.equal(await link.getAttribute('href'), runbook)
    await page.getByText('docs/runbooks/x.md').waitFor()
    await page.getByText('2 alerts are active: see above.').waitFor()
    await inspect(page, 'last-hour-alerts', { tablesScroll: true })
  })
})
