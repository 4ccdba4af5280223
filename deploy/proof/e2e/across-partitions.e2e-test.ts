import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { inspect as shown } from 'node:util'
import { developmentSecret } from '@micropay/local/issuer/personas'
import { run } from '@micropay/local/run-program.fixture'
import { systemClock } from '@micropay/runtime/clock'
import { Account } from '@micropay/schemas/api/account'
import { Payment, PaymentAccepted, PaymentPending, PaymentWithRefunds } from '@micropay/schemas/api/payment'
import { ProjectionStatusList } from '@micropay/schemas/api/projection'
import { TrialBalance, UnderWay } from '@micropay/schemas/api/reconciliation'
import { PaymentReplay } from '@micropay/schemas/api/replay'
import { partitionOf } from '@micropay/schemas/placement'
import type { Browser, Page } from 'playwright-core'
import { inspect, launchBrowser, withPage } from './browser.fixture.ts'
import { type Product, startProduct } from './product.fixture.ts'

const partitions = 4
const [from, to] = ['ada:main', 'ben:main']
let product: Product
let browser: Browser
before(async () => {
  assert.notEqual(partitionOf(from, partitions), partitionOf(to, partitions), 'the payments pass between partitions')
  ;[product, browser] = await Promise.all([startProduct({ partitions }), launchBrowser()])
})
after(async () => {
  await browser?.close()
  await product?.[Symbol.asyncDispose]()
})

async function read(persona: string, path: string, headers: Record<string, string> = {}) {
  const answer = await product.as(persona).send({ method: 'GET', path, headers })
  assert.equal(answer.status, 200, `${path}: ${JSON.stringify(answer.body)}`)
  return answer.body
}

async function pay(key: string, amount: string, headers: Record<string, string> = {}) {
  const postings = [{ from, to, amount, currency: 'EUR' }]
  const body = JSON.stringify({ postings, reference: 'rent' })
  const sent = { method: 'POST', path: '/v1/payments', headers: { 'idempotency-key': key, ...headers }, body } as const
  return product.as('ada').send(sent)
}

const balanceOf = async (id: string) => BigInt(Account.parse(await read('olga', `/v1/accounts/${id}`)).balance)

/** Asks until it is so, since partitions are read one by one. */
async function until<Value>(what: string, ask: () => Promise<Value>, isSo: (value: Value) => boolean): Promise<Value> {
  for (let tries = 0; ; tries += 1) {
    const value = await ask()
    if (isSo(value)) return value
    assert.ok(tries < 100, `${what}: ${shown(value)}`)
    await systemClock.sleep(100)
  }
}

/**
 * Once nothing is under way and everything is read: what an account has before a payment is not to be told from what
 * came just before it.
 */
async function atRest(): Promise<void> {
  const ask = async () => {
    const { items } = ProjectionStatusList.parse(await read('sam', '/v1/projections'))
    const behind = items.filter(({ lagRecords }) => lagRecords !== 0)
    return { behind, ...UnderWay.parse(await read('fiona', '/v1/under-way')) }
  }
  await until('at rest', ask, ({ payments, behind }) => payments === 0 && behind.length === 0)
}

async function go(page: Page, path: string): Promise<void> {
  await page.goto(`${product.running.url}${path}`)
}

test('a payment between partitions is one payment for all who read', { timeout: 120_000 }, async () => {
  await atRest()
  const [payer, payee] = [await balanceOf(from), await balanceOf(to)]
  const answer = await pay('across-1', '500')
  assert.equal(answer.status, 201, JSON.stringify(answer.body))
  const { paymentId, kind } = PaymentAccepted.parse(answer.body)
  assert.equal(kind, 'payment')
  await until(
    'the payee',
    () => balanceOf(to),
    (now) => now === payee + 500n,
  )
  await until(
    'the payer',
    () => balanceOf(from),
    (now) => now === payer - 500n,
  )
  for (const who of ['ada', 'ben', 'olga']) {
    const seen = await until(
      who,
      async () => Payment.parse(await read(who, `/v1/payments/${paymentId}`)),
      ({ status }) => status === 'posted',
    )
    assert.deepEqual([seen.status, seen.kind, seen.reference], ['posted', 'payment', 'rent'])
  }
  const underWay = await until(
    'what is under way',
    async () => UnderWay.parse(await read('fiona', '/v1/under-way')),
    ({ payments }) => payments === 0,
  )
  assert.deepEqual(underWay.transit, [])
  const { totals } = TrialBalance.parse(await read('fiona', '/v1/trial-balance'))
  for (const { debit, credit } of totals) assert.equal(debit, credit)
  const replay = await until(
    'the steps',
    async () => PaymentReplay.parse(await read('vera', `/v1/audit/payments/${paymentId}/steps`)),
    ({ state }) => state === 'ended',
  )
  const homes = new Set(replay.items.map(({ position }) => Number(position.split(':')[0])))
  assert.deepEqual(homes, new Set([from, to].map((id) => partitionOf(id, partitions))))
  assert.equal(replay.items[0]?.event, 'PaymentInitiated')
})

test('who does not wait follows it from pending to posted', { timeout: 120_000 }, async () => {
  const answer = await pay('across-2', '300', { prefer: 'wait=0' })
  assert.equal(answer.status, 202, JSON.stringify(answer.body))
  const { paymentId, status } = PaymentPending.parse(answer.body)
  assert.equal(status, 'pending')
  const path = `/v1/payments/${paymentId}`
  const ask = async () =>
    PaymentWithRefunds.parse(
      await read('ada', path, { 'at-least': `${String(paymentId).split('-').slice(1).join(':')}`, prefer: 'wait=5' }),
    )
  await until('it is posted', ask, (payment) => payment.status === 'posted')
})

test('no payment is lost or doubled among many', { timeout: 120_000 }, async () => {
  await atRest()
  const [payer, payee] = [await balanceOf(from), await balanceOf(to)]
  const all = await Promise.all(Array.from({ length: 40 }, (_, index) => pay(`across-many-${index}`, '10')))
  assert.deepEqual(new Set(all.map(({ status }) => status)), new Set([201]))
  await until(
    'the payee',
    () => balanceOf(to),
    (now) => now === payee + 400n,
  )
  await until(
    'the payer',
    () => balanceOf(from),
    (now) => now === payer - 400n,
  )
  const { held } = Account.parse(await read('olga', `/v1/accounts/${from}`))
  assert.equal(held, '0')
})

test('people see it on their pages', { timeout: 120_000 }, async () => {
  const answer = await pay('across-seen', '700')
  const { paymentId } = PaymentAccepted.parse(answer.body)
  await withPage(browser, product.running.url, 'Ada', async (page) => {
    await go(page, '/payments?status=posted')
    await page.getByRole('link', { name: new RegExp(String(paymentId)) }).waitFor()
    await go(page, `/payments/${paymentId}`)
    await page.getByText('Posted').first().waitFor()
    await inspect(page, 'across-payment')
  })
  await withPage(browser, product.running.url, 'Fiona', async (page) => {
    await go(page, '/trial-balance')
    await page.getByText('Balanced').first().waitFor()
    await inspect(page, 'across-trial-balance')
  })
  await withPage(browser, product.running.url, 'Vera', async (page) => {
    await go(page, `/audit/records/${String(paymentId).split('-').slice(1).join(':')}`)
    await page.getByRole('heading', { name: `All steps of ${paymentId}` }).waitFor()
    await page.getByText('Begun, and its own part promised').waitFor()
    await inspect(page, 'across-steps')
  })
})

test('the smoke test of a release pays and is paid back, and names the step at which it fails', async () => {
  const { url, issuer } = product.running
  const settings = { SMOKE_URL: url, SMOKE_ISSUER: issuer, SMOKE_CLIENT_ID: 'olga', SMOKE_PATIENCE_SECONDS: '30' }
  const smoke = (more: NodeJS.ProcessEnv) =>
    run('deploy/cli/smoke/main.ts', [], { ...settings, SMOKE_CLIENT_SECRET: developmentSecret, ...more }).ended
  for (let time = 0; time < 2; time += 1) {
    const well = await smoke({})
    assert.deepEqual([well.code, well.output.trim().split('\n').at(-1)], [0, 'ok'], well.output)
  }
  assert.equal(await balanceOf('smoke:here'), 0n)
  const customer = await smoke({ SMOKE_CLIENT_ID: 'ada' })
  assert.equal(customer.code, 1)
  assert.match(customer.output, /^FAILED the two accounts for this are there: 403 forbidden/m)
  const without = await smoke({ SMOKE_CLIENT_SECRET: '', SMOKE_URL: 'the gateway' })
  assert.equal(without.code, 2)
  assert.match(
    without.output,
    /SMOKE_URL: must be the address of the gateway[\s\S]*SMOKE_CLIENT_SECRET: must be the secret/,
  )
})
