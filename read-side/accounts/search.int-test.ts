import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { EntryPage } from '@micropay/schemas/api/account'
import { BalanceOn } from '@micropay/schemas/api/balance'
import { Payment, PaymentPage } from '@micropay/schemas/api/payment'
import { Problem } from '@micropay/schemas/api/problem'
import { type ReadSideFixture, startReadSide } from './read-side.fixture.ts'

let side: ReadSideFixture

before(async () => {
  side = await startReadSide()
  const { ledger } = side
  await side.append(
    ledger.genesis(),
    ledger.claim(),
    ledger.open('cash', { type: 'external', owner: 'house', name: 'Cash desk', overdraftLimit: 'unlimited' }),
    ledger.open('ada:main', { name: 'Main', overdraftLimit: '5000' }),
    ledger.open('bob:main', { owner: 'customer:bob', name: "Bob's 100% _best_" }),
    ledger.open('eve:main', { owner: 'customer:eve', name: 'Eve Secret' }),
    ledger.pay([['cash', 'ada:main', 10_000]], {
      kind: 'deposit',
      reference: '=1+1',
      effectiveAt: '2026-01-31T23:30:00Z',
    }),
    ledger.pay([['ada:main', 'bob:main', 2_500]], {
      reference: 'RENT 50%',
      description: 'Flat_7',
      effectiveAt: '2026-02-27T10:00:00Z',
    }),
    ledger.pay([['ada:main', 'bob:main', 700]], { reference: 'rent 500', effectiveAt: '2026-03-01T09:00:00Z' }),
    ledger.refuse({ postings: [{ from: 'ada:main', to: 'eve:main', amount: '999999', currency: 'EUR' }] }),
    ledger.pay([
      ['cash', 'ada:main', 11],
      ['cash', 'eve:main', 4_242],
    ]),
    ledger.pay([['bob:main', 'ada:main', 40]], { reference: 'Back', effectiveAt: '2026-04-01T00:00:00Z' }),
  )
  side.project()
  const response = await side.get('/v1/accounts', 'finance', { 'at-least': '0:10', prefer: 'wait=10' })
  assert.equal(response.statusCode, 200)
})
after(() => side.close())

async function payments(query: string, who = 'ada'): Promise<string[]> {
  const response = await side.get(`/v1/payments?${query}`, who)
  assert.equal(response.statusCode, 200, `${query}: ${response.body}`)
  return PaymentPage.parse(response.json()).items.map((payment) => payment.paymentId)
}

async function entries(query: string): Promise<string[]> {
  const response = await side.get(`/v1/accounts/ada:main/entries?${query}`, 'ada')
  assert.equal(response.statusCode, 200, `${query}: ${response.body}`)
  return EntryPage.parse(response.json()).items.map((entry) => entry.paymentId)
}

const everyFilter: readonly [query: string, found: readonly string[]][] = [
  ['minAmount=700&maxAmount=2500', ['pay-0-7', 'pay-0-6']],
  ['minAmount=701', ['pay-0-6', 'pay-0-5']],
  ['maxAmount=40', ['pay-0-10', 'pay-0-9']],
  ['counterparty=bob:main', ['pay-0-10', 'pay-0-7', 'pay-0-6']],
  ['counterparty=cash%20DESK', ['pay-0-9', 'pay-0-5']],
  ['counterparty=bob:mai', []],
  ['reference=rent%20500', ['pay-0-7']],
  ['reference=rent', []],
  ['text=RENT', ['pay-0-7', 'pay-0-6']],
  ['text=flat', ['pay-0-6']],
  ['direction=in', ['pay-0-10', 'pay-0-9', 'pay-0-5']],
  ['direction=out&counterparty=bob:main', ['pay-0-7', 'pay-0-6']],
  ['from=2026-02-27&to=2026-02-27', ['pay-0-6']],
  ['to=2026-02-28', ['pay-0-6', 'pay-0-5']],
  ['from=2026-02-01&to=2026-02-28&zone=Europe/Amsterdam', ['pay-0-6', 'pay-0-5']],
  ['from=2026-02-01&to=2026-02-28&zone=UTC', ['pay-0-6']],
  ['from=1900-01-01&to=2999-12-31&text=back', ['pay-0-10']],
]
for (const [query, found] of everyFilter) {
  test(`payments and entries with ${decodeURIComponent(query)} are ${found.join(', ') || 'none'}`, async () => {
    assert.deepEqual(await payments(`status=posted&${query}`), found)
    assert.deepEqual(await entries(query), found)
    assert.deepEqual(await payments(`account=ada:main&status=posted&${query}`, 'finance'), found)
  })
}

const everySort: readonly [query: string, found: readonly string[]][] = [
  ['sort=-decided', ['pay-0-10', 'pay-0-9', 'pay-0-7', 'pay-0-6', 'pay-0-5']],
  ['sort=decided', ['pay-0-5', 'pay-0-6', 'pay-0-7', 'pay-0-9', 'pay-0-10']],
  ['sort=decided&text=rent', ['pay-0-6', 'pay-0-7']],
  ['sort=value&to=2026-03-01', ['pay-0-5', 'pay-0-6', 'pay-0-7', 'pay-0-9']],
  ['sort=-value&to=2026-03-01', ['pay-0-9', 'pay-0-7', 'pay-0-6', 'pay-0-5']],
  ['sort=value&to=2026-03-01&minAmount=701', ['pay-0-5', 'pay-0-6']],
]
for (const [query, found] of everySort) {
  test(`payments and entries with ${query} come in the order ${found.join(', ')}, page by page`, async () => {
    for (const limit of [50, 1, 2]) {
      for (const [path, who, Page] of [
        ['/v1/payments?status=posted&', 'ada', PaymentPage],
        ['/v1/payments?status=posted&account=ada:main&', 'finance', PaymentPage],
        ['/v1/accounts/ada:main/entries?', 'ada', EntryPage],
      ] as const) {
        const listed: string[] = []
        let cursor = ''
        do {
          const response = await side.get(`${path}${query}&limit=${limit}${cursor}`, who)
          assert.equal(response.statusCode, 200, response.body)
          const { items, next } = Page.parse(response.json())
          listed.push(...items.map(({ paymentId }) => paymentId))
          cursor = next === null ? '' : `&cursor=${next}`
        } while (cursor !== '')
        assert.deepEqual(listed, found, `${path}, ${limit} a page`)
      }
    }
  })
}

test('a range of value dates in the order of deciding is refused, since no index holds it', async () => {
  for (const path of ['/v1/payments', '/v1/payments.csv', '/v1/accounts/ada:main/entries']) {
    const response = await side.get(`${path}?from=2026-01-01&sort=decided`, 'ada')
    assert.equal(response.statusCode, 400)
    assert.match(Problem.parse(response.json()).errors?.[0]?.detail ?? '', /sorted by value or -value/)
  }
})

test('wildcards, quotes and backslashes stand for themselves', async () => {
  assert.deepEqual(await payments('text=50%25'), ['pay-0-6'])
  assert.deepEqual(await payments('text=t_7'), ['pay-0-6'])
  for (const nothing of ['%25%25', '_', 'r_nt', '%27%3B--', '%5C', '%25']) {
    const expected = nothing === '%25' ? ['pay-0-6'] : nothing === '_' ? ['pay-0-6'] : []
    assert.deepEqual(await payments(`text=${nothing}`), expected, nothing)
  }
  assert.deepEqual(await entries('counterparty=100%25%20_'), ['pay-0-10', 'pay-0-7', 'pay-0-6'])
  assert.deepEqual(await entries('counterparty=1_0'), [])
})

test("of a payment with several postings, an owner's filters see the own ones alone", async () => {
  assert.deepEqual(await payments('minAmount=4242&maxAmount=4242'), [])
  assert.deepEqual(await payments('counterparty=eve:main&status=posted'), [])
  assert.deepEqual(await payments('minAmount=4242&maxAmount=4242', 'finance'), ['pay-0-9'])
})

test('postings carry the names of their accounts, but not of one that was never paid', async () => {
  const postingOf = async (paymentId: string, who: string) => {
    const { fromName, toName } = Payment.parse((await side.get(`/v1/payments/${paymentId}`, who)).json())
      .postings?.[0] ?? { fromName: undefined, toName: undefined }
    return [fromName, toName]
  }
  assert.deepEqual(await postingOf('pay-0-6', 'ada'), ['Main', "Bob's 100% _best_"])
  assert.deepEqual(await postingOf('pay-0-8', 'ada'), ['Main', null])
  assert.deepEqual(await payments('status=rejected&counterparty=Secret'), [])
  assert.deepEqual(await payments('status=rejected&counterparty=eve:main'), ['pay-0-8'])
})

test('who tries to pay from an account of somebody else writes nothing into the list of its owner', async () => {
  const { ledger } = side
  const posting = { from: 'ada:main', to: 'eve:main', amount: '1', currency: 'EUR' }
  await side.append(
    ledger.refuse(
      { postings: [posting], reference: 'Call 0800 to unblock' },
      {
        code: 'account_not_found',
        detail: 'there is no account ada:main that you may pay from',
        actor: 'customer:eve',
      },
    ),
    ledger.refuse(
      { postings: [{ ...posting, to: 'nobody' }], reference: 'to nobody' },
      { code: 'account_not_found', detail: 'there is no account nobody', actor: 'customer:ada' },
    ),
  )
  const { seq } = ledger.position()
  const headers = { 'at-least': `0:${seq}`, prefer: 'wait=10' }
  assert.equal((await side.get('/v1/accounts', 'finance', headers)).statusCode, 200)
  assert.deepEqual(await payments('text=unblock'), [])
  assert.deepEqual(await payments('text=unblock', 'finance'), [`pay-0-${seq - 1}`])
  assert.equal((await side.get(`/v1/payments/pay-0-${seq - 1}`, 'ada')).statusCode, 404)
  assert.deepEqual(await payments('text=to%20nobody'), [`pay-0-${seq}`])
})

test('a cursor pages through a search without gaps, and is refused with any other filter', async () => {
  const seen: string[] = []
  let cursor = ''
  for (let page = 0; page < 10; page += 1) {
    const response = await side.get(`/v1/payments?limit=1&from=2026-01-01&minAmount=40${cursor}`, 'ada')
    const { items, next } = PaymentPage.parse(response.json())
    seen.push(...items.map((payment) => payment.paymentId))
    if (next === null) break
    cursor = `&cursor=${encodeURIComponent(next)}`
  }
  assert.deepEqual(seen, ['pay-0-10', 'pay-0-8', 'pay-0-7', 'pay-0-6', 'pay-0-5'])
  for (const path of ['/v1/payments', '/v1/accounts', '/v1/accounts/ada:main/entries']) {
    for (const forged of ['', 'x', 'x.y', 'WyJhIl0.AAAAAAAAAAAAAAAAAAAAAA', '%00.%00', 'a'.repeat(1_001)]) {
      const response = await side.get(`${path}?cursor=${forged}`, 'ada')
      assert.equal(response.statusCode, 400, `${path}?cursor=${forged}`)
      assert.match(Problem.parse(response.json()).detail, /start again without cursor/)
    }
  }
  const list = '/v1/accounts/ada:main/entries'
  const first = EntryPage.parse((await side.get(`${list}?limit=1&text=rent`, 'ada')).json())
  assert.ok(first.next)
  const foreign = encodeURIComponent(first.next)
  for (const path of [`${list}?text=ren`, `${list}?text=rent&direction=out`, '/v1/payments?text=rent']) {
    const response = await side.get(`${path}&cursor=${foreign}`, 'ada')
    assert.equal(response.statusCode, 400, path)
    assert.match(Problem.parse(response.json()).detail, /not one of this list: start again without cursor/)
  }
})

test('what makes no sense is a 400', async () => {
  const bad = [
    ...['from=2026-03-02&to=2026-03-01', 'from=2026-02-30', 'to=0001-01-01', 'zone=Mars', 'minAmount=2&maxAmount=1'],
    ...['text=%00', 'reference=a%0Ab', 'text=a&text=b', 'unknown=1', 'limit=501', 'limit=0', 'limit=-1', 'limit=x'],
    ...['from=1899-12-31', 'to=3000-01-01', 'from=99999-01-01'],
    ...['minAmount=1.5', 'minAmount=99999999999999999999', 'text=', `text=${'x'.repeat(101)}`, 'direction=up'],
  ]
  for (const query of bad) {
    for (const path of ['/v1/payments', '/v1/payments.csv', '/v1/accounts/ada:main/entries']) {
      const response = await side.get(`${path}?${query}`, 'ada')
      assert.equal(response.statusCode, 400, `${path}?${query}: ${response.body}`)
      assert.ok(Problem.parse(response.json()).detail.length > 15, response.body)
    }
  }
  assert.equal((await side.get('/v1/payments?direction=in', 'finance')).statusCode, 400)
  assert.equal((await side.get('/v1/accounts/ada:main/balance', 'ada')).statusCode, 400)
  assert.equal((await side.get('/v1/accounts/ada:main/balance?at=tomorrow', 'ada')).statusCode, 400)
})

test('the CSV of a search holds the same rows, with decimals, currencies and no formula', async () => {
  const response = await side.get('/v1/payments.csv?status=posted', 'ada')
  assert.equal(response.statusCode, 200)
  assert.match(JSON.stringify(response.headers), /"private, no-store".*"text\/csv/)
  assert.match(String(response.headers['content-disposition']), /attachment; filename="payments.csv"/)
  const lines = response.body.split('\r\n')
  assert.equal(lines.length, 7)
  assert.match(lines[0] ?? '', /^payment,status,kind,/)
  assert.equal(
    lines[4],
    "pay-0-6,posted,payment,2026-03-01T09:00:05.000Z,2026-02-27T10:00:00.000Z,ada:main,Main,bob:main,Bob's 100% _best_,25.00,EUR,RENT 50%,Flat_7,,0:6,",
  )
  assert.match(lines[5] ?? '', /,100\.00,EUR,'=1\+1,,,0:5,$/)
  const statement = await side.get('/v1/accounts/ada:main/entries.csv?direction=out', 'ada')
  assert.deepEqual(
    statement.body
      .split('\r\n')
      .slice(1, 3)
      .map((line) => line.split(',')[7]),
    ['-7.00', '-25.00'],
  )
  assert.equal((await side.get('/v1/accounts/bob:main/entries.csv', 'ada')).statusCode, 404)
})

test('the balance of a past day counts value dates, or bookings, in a time zone', async () => {
  const on = async (query: string) => {
    const { before, byValueDate, byBooking } = BalanceOn.parse(
      (await side.get(`/v1/accounts/ada:main/balance?${query}`, 'ada')).json(),
    )
    return [before, byValueDate, byBooking]
  }
  assert.deepEqual(await on('at=2026-01-31'), ['2026-02-01T00:00:00.000Z', '10000', '0'])
  assert.deepEqual(await on('at=2026-01-31&zone=Europe/Amsterdam'), ['2026-01-31T23:00:00.000Z', '0', '0'])
  assert.deepEqual(await on('at=2026-02-28'), ['2026-03-01T00:00:00.000Z', '7500', '0'])
  assert.deepEqual(await on('at=2026-03-01'), ['2026-03-02T00:00:00.000Z', '6811', '6851'])
  assert.deepEqual(await on('at=2026-04-01'), ['2026-04-02T00:00:00.000Z', '6851', '6851'])
  assert.deepEqual(await on('at=1900-01-01'), ['1900-01-02T00:00:00.000Z', '0', '0'])
  assert.equal((await side.get('/v1/accounts/bob:main/balance?at=2026-03-01', 'ada')).statusCode, 404)
})

test('a search that finds nothing for long answers in pieces, and its CSV holds all that it finds', async () => {
  const { ledger } = side
  const last = ledger.position().seq
  for (let count = 0; count < 21_000; count += 1_000) {
    await side.append(...Array.from({ length: 1_000 }, () => ledger.pay([['cash', 'bob:main', 1]])))
  }
  const ready = await side.get('/v1/accounts', 'finance', { 'at-least': `0:${last + 21_000}`, prefer: 'wait=10' })
  assert.equal(ready.statusCode, 200)
  for (const [path, who] of [
    ['/v1/payments?text=Flat_7', 'finance'],
    ['/v1/payments?text=Flat_7', 'bob'],
    ['/v1/accounts/bob:main/entries?text=Flat_7', 'bob'],
  ] as const) {
    const sizes: number[] = []
    let cursor = ''
    do {
      const page = PaymentPage.or(EntryPage).parse((await side.get(`${path}${cursor}`, who)).json())
      sizes.push(page.items.length)
      cursor = page.next === null ? '' : `&cursor=${encodeURIComponent(page.next)}`
    } while (cursor !== '')
    assert.deepEqual(sizes, [0, 0, 0, 0, 0, 1], `${path} as ${who}`)
  }
  const all = await side.get('/v1/payments.csv', 'bob')
  assert.equal(all.body.split('\r\n').length, 1 + 21_003 + 1)
  const found = await side.get('/v1/payments.csv?text=Flat_7', 'finance')
  assert.equal(found.body.split('\r\n').length, 3)
})

test('accounts are a file with the filter of their list, of the accounts that the reader may see alone', async () => {
  const own = await side.get('/v1/accounts.csv', 'ada')
  assert.match(String(own.headers['content-disposition']), /attachment; filename="accounts.csv"/)
  assert.match(
    own.body,
    /^account,name,type,owner,status,currency,balance,available,overdraft_limit,.*\r\nada:main,Main,customer,/,
  )
  assert.equal(own.body.trimEnd().split('\r\n').length, 2)
  const external = await side.get('/v1/accounts.csv?type=external', 'finance')
  assert.match(external.body, /\r\ncash,Cash desk,external,house,open,EUR,-\d+\.\d\d,,unlimited,/)
  assert.equal(external.body.trimEnd().split('\r\n').length, 2)
  assert.equal((await side.get('/v1/accounts.csv?limit=5', 'ada')).statusCode, 400)
})
