import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { systemClock } from '@micropay/runtime/clock'
import { Account, EntryPage } from '@micropay/schemas/api/account'
import { PolicyList, ProposalPage } from '@micropay/schemas/api/approval'
import { PayeeList } from '@micropay/schemas/api/payee'
import { type Payment, PaymentPage } from '@micropay/schemas/api/payment'
import { PeriodChecklist } from '@micropay/schemas/api/period'
import { bankStatement } from './bank-statement.fixture.ts'
import { type Product, startProduct } from './product.fixture.ts'

const args = ['--no-seed']
let old: Product
let moved: Product
before(async () => {
  ;[old, moved] = await Promise.all([startProduct({ args }), startProduct({ args, partitions: 4 })])
  await fill()
})
after(async () => {
  await Promise.all([old?.[Symbol.asyncDispose](), moved?.[Symbol.asyncDispose]()])
})

let commands = 0
async function give(who: string, path: string, body: object | string, status = 201) {
  commands += 1
  const headers = {
    'idempotency-key': `k${commands}`,
    ...(typeof body === 'string' ? { 'content-type': 'application/xml' } : {}),
  }
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const answer = await old.as(who).send({ method: 'POST', path, headers, body: text })
  assert.equal(answer.status, status, `${path}: ${JSON.stringify(answer.body)}`)
  return answer
}

const paying = (from: string, to: string, amount: string, more: object = {}) => ({
  ...{ postings: [{ from, to, amount, currency: 'EUR' }], ...more },
})
async function pay(from: string, to: string, amount: string, more: object = {}): Promise<string> {
  const { body } = await give('olga', '/v1/payments', paying(from, to, amount, more))
  return String((body as { paymentId: string }).paymentId)
}

async function read(product: Product, who: string, path: string, headers: Record<string, string> = {}) {
  const answer = await product.as(who).send({ method: 'GET', path, headers })
  assert.equal(answer.status, 200, `${path}: ${JSON.stringify(answer.body)}`)
  return answer.body
}

const opened = [
  ['cash:eur', 'external', 'EUR'],
  ['cash:usd', 'external', 'USD'],
  ['fees:eur', 'internal', 'EUR'],
  ['ada:main', 'customer', 'EUR'],
  ['ada:usd', 'customer', 'USD'],
  ['ben:main', 'customer', 'EUR'],
  ['ben:savings', 'customer', 'EUR'],
] as const
const accounts = opened.length + 1
const owners: Readonly<Record<string, string>> = { ada: 'customer:ada', ben: 'customer:ben' }
/** Enough that a run can be broken off amid them. */
const BEFORE = 24

/** All kinds of what a ledger holds. */
async function fill(): Promise<void> {
  await give('fiona', '/v1/ledger-zone', { zone: 'Europe/Amsterdam' })
  for (const [accountId, type, currency] of opened) {
    const owner = owners[accountId.split(':')[0] ?? ''] ?? 'house'
    await give('olga', '/v1/accounts', { accountId, type, currency, owner })
  }
  await give('olga', '/v1/accounts/fees:eur/flag', { flag: 'receivesFromCustomers', value: true })
  const payments = Array.from({ length: BEFORE }, (_, index) => ({
    ...{ idempotencyKey: `before-${index}`, reference: `R-${index}` },
    ...(index % 2 === 0 ? paying('cash:eur', 'ada:main', '2000') : paying('ada:main', 'ben:main', `${100 + index}`)),
  }))
  await give('olga', '/v1/payments/batch', { payments }, 200)
  const dollars = [{ from: 'cash:usd', to: 'ada:usd', amount: '700', currency: 'USD' }]
  await give('olga', '/v1/payments', { postings: dollars })
  await give('ada', '/v1/payments', paying('ada:main', 'fees:eur', '25'))
  await pay('cash:eur', 'ada:main', '10000', { effectiveAt: '2025-06-15T12:00:00Z', metadata: { till: '7' } })
  const { seq, digest } = PeriodChecklist.parse(await read(old, 'fiona', '/v1/periods/checklist?through=2025-06-30'))
  await give('fiona', '/v1/periods', { through: '2025-06-30', seq, digest })
  const first = await pay('ada:main', 'ben:main', '900', { reference: 'INV-7' })
  const second = await pay('ada:main', 'ben:main', '800', { description: 'two parts' })
  await give('olga', `/v1/payments/${first}/refund`, { reason: 'Paid twice' })
  await give('olga', `/v1/payments/${second}/refund`, { reason: 'Broken', amount: '300' })
  await give('olga', '/v1/accounts/ben:savings/freeze', { reason: 'asked for', direction: 'outgoing' })
  const opening = { type: 'customer', currency: 'EUR', owner: 'customer:ada', name: 'Spare', overdraftLimit: '5000' }
  await give('olga', '/v1/accounts', { accountId: 'ada:spare', ...opening, ownerReference: 'C-1' })
  await pay('ada:spare', 'ada:main', '4000')
  const legs = [
    { account: 'ada:main', amount: '-4000', currency: 'EUR' },
    { account: 'ada:spare', amount: '4000', currency: 'EUR', stands: '0' },
  ]
  await give('olga', '/v1/payments', { legs })
  await give('olga', '/v1/accounts/ada:spare/change', { name: null, overdraftLimit: '100' })
  await give('olga', '/v1/accounts/ada:spare/close', { reason: 'spared' })
  await give('ada', '/v1/payees', { alias: 'Ben', accountId: 'ben:main' })
  await give('fiona', '/v1/statements?account=cash:eur', bankStatement)
  await give('ada', '/v1/payments', paying('ada:main', 'ben:main', '99999999'), 422)
  const above = { amount: '5000', currency: 'EUR' }
  await give('fiona', '/v1/policies', { command: 'MakePayment', people: 2, above })
  await give('olga', '/v1/payments', paying('cash:eur', 'ada:main', '6000'), 202)
  await give('olga', '/v1/payments', paying('cash:eur', 'ben:main', '7000'), 202)
  const { items } = ProposalPage.parse(await until(old, 'otto', '/v1/approvals?status=open', hasTwo))
  const approved = items.find(({ data }) => JSON.stringify(data).includes('6000'))
  await give('otto', `/v1/approvals/${approved?.proposalId}/approve`, { hash: approved?.hash })
}

const hasTwo = (body: unknown) => ProposalPage.parse(body).items.length === 2
async function until(product: Product, who: string, path: string, isSo: (body: unknown) => boolean) {
  for (let tries = 0; ; tries += 1) {
    const body = await read(product, who, path)
    if (isSo(body)) return body
    assert.ok(tries < 100, `${path}: ${JSON.stringify(body)}`)
    await systemClock.sleep(100)
  }
}

const move = (...args: string[]) => moved.micropay('move', '--from', old.home, ...args)

async function allPayments(product: Product): Promise<Payment[]> {
  const found: Payment[] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const query = new URLSearchParams({ limit: '500', status: 'posted', ...(cursor ? { cursor } : {}) })
    const page: PaymentPage = PaymentPage.parse(await read(product, 'olga', `/v1/payments?${query}`))
    found.push(...page.items)
    cursor = page.next
  }
  return found
}

test('a ledger of one partition is moved to one of four, with a break amid it, and nothing happens twice', {
  timeout: 240_000,
}, async () => {
  const told = await move().ended
  assert.equal(told.code, 0, told.output)
  for (const line of [
    /1 closed period, .* 2025-06-30/,
    /1 bank statement/,
    /1 command without its second person: prp-0-/,
    /Nothing was sent/,
  ])
    assert.match(told.output, line)
  assert.equal((await move('--from', '/nowhere').ended).code, 1)

  const ahead = await move('--until', '0:24', '--yes').ended
  assert.equal(ahead.code, 0, ahead.output)
  for (const line of [/0 differences\n/, /come with a run to the end of the old log/]) assert.match(ahead.output, line)

  const broken = move('--yes', '--batch-size', '5')
  await broken.said(/payments +\d+ %/)
  broken.child.kill('SIGKILL')
  await broken.ended
  // What comes meanwhile is found by the next run.
  await pay('cash:eur', 'ada:main', '11')

  const { code, output } = await move('--yes').ended
  assert.equal(code, 0, output)
  assert.match(output, new RegExp(`0 accounts opened, ${accounts} were there before`))
  assert.match(output, /payments done, [1-9]\d* were there before, 0 refused/)
  assert.match(
    output,
    new RegExp(`${accounts} accounts compared, 0 differences\n {2}EUR: .* on both sides\n {2}USD: .* on both sides`),
  )

  const again = await move('--yes').ended
  assert.equal(again.code, 0, again.output)
  assert.match(again.output, /0 payments done, \d+ were there before, 0 refused/)
  assert.match(again.output, /\n0 changes done/)
  await everythingIsThere()
  const verified = await moved.micropay('verify').ended
  assert.equal(verified.code, 0, verified.output)
})

async function everythingIsThere(): Promise<void> {
  const [before, now] = [await allPayments(old), await allPayments(moved)]
  assert.equal(now.length, before.length)
  const byOld = new Map(now.map((payment) => [payment.metadata.previousId, payment]))
  assert.equal(byOld.size, before.length, 'each payment is there once, with its id of before')
  for (const payment of before) {
    const { paymentId, decidedAt, metadata, effectiveAt, kind, reference, description } = payment
    const same = byOld.get(paymentId)
    const kept = { ...metadata, previousId: paymentId, previousBookedAt: decidedAt }
    assert.deepEqual(same?.metadata, kept)
    assert.deepEqual([same?.effectiveAt, same?.kind, same?.reference], [effectiveAt, kind, reference])
    assert.deepEqual([same?.legs, same?.description], [payment.legs, description])
    const { reverses } = payment
    if (reverses) assert.equal(same?.reverses?.paymentId, byOld.get(reverses.paymentId)?.paymentId)
  }
  assert.equal(before.filter(({ reverses }) => reverses).length, 2)
  for (const account of ['ada:main', 'ben:main', 'ada:spare']) {
    const lines = async (product: Product) => {
      const { items } = EntryPage.parse(await read(product, 'olga', `/v1/accounts/${account}/entries?limit=500`))
      return items.map(({ amount, balanceAfter, reference }) => [amount, balanceAfter, reference])
    }
    assert.deepEqual(await lines(moved), await lines(old), `the lines of ${account}`)
  }
  const spare = Account.parse(await read(moved, 'olga', '/v1/accounts/ada:spare'))
  const { status, name, overdraftLimit, ownerReference, openedOn } = spare
  assert.deepEqual([status, name, overdraftLimit, ownerReference], ['closed', null, '100', 'C-1'])
  assert.ok(openedOn)
  assert.equal(Account.parse(await read(moved, 'olga', '/v1/accounts/ben:savings')).frozen, 'outgoing')
  assert.equal(Account.parse(await read(moved, 'olga', '/v1/accounts/fees:eur')).receivesFromCustomers, true)
  const payees = PayeeList.parse(await read(moved, 'ada', '/v1/payees'))
  assert.deepEqual(
    payees.items.map(({ alias, accountId }) => [alias, accountId]),
    [['Ben', 'ben:main']],
  )
  const policies = PolicyList.parse(await read(moved, 'fiona', '/v1/policies'))
  assert.deepEqual(policies.items.find(({ command }) => command === 'MakePayment')?.people, 2)
}

test('a ledger of several partitions is moved likewise, and keeps its ids of before', {
  timeout: 240_000,
}, async () => {
  await using third = await startProduct({ args, partitions: 2 })
  const { code, output } = await third.micropay('move', '--from', moved.home, '--yes').ended
  assert.equal(code, 0, output)
  assert.match(output, new RegExp(`of 4 partitions, .* ${accounts} accounts, \\d+ payments, 2 of them refunds`))
  assert.match(output, new RegExp(`${accounts} accounts compared, 0 differences`))
  const ids = new Set((await allPayments(third)).map(({ metadata }) => metadata.previousId))
  const before = (await allPayments(moved)).map(({ paymentId, metadata }) => `${paymentId} ${metadata.previousId}`)
  assert.deepEqual(ids, new Set(before))
})

test('what is no new ledger is not written to', { timeout: 120_000 }, async () => {
  const there = ['--url', old.running.url, '--issuer', old.running.issuer]
  const { code, output } = await move('--yes', ...there).ended
  assert.equal(code, 1, output)
  assert.match(output, /cannot be opened in the new ledger: 409 account_exists: .*is that the old ledger/)
})
