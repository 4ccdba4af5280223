import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { run } from '@micropay/local/run-program.fixture'
import { Account } from '@micropay/schemas/api/account'
import { type Product, startProduct } from './product.fixture.ts'

let product: Product
before(async () => {
  product = await startProduct()
})
after(() => product[Symbol.asyncDispose]())

async function importCsv(name: string, text: string | Uint8Array, ...more: string[]) {
  const path = join(product.home, name)
  await writeFile(path, text)
  return product.micropay('import', 'csv', path, ...more).ended
}

async function balanceOf(accountId: string): Promise<bigint> {
  const answer = await product.as('olga').send({ method: 'GET', path: `/v1/accounts/${accountId}` })
  return BigInt(Account.parse(answer.body).balance)
}

test('a CSV of payments is booked once, however often it is imported', async () => {
  const before = await balanceOf('ada:main')
  const text = [
    'key,from,to,amount,currency,effective_at,reference\n',
    'csv-1,cash:eur,ada:main,10.50,EUR,2026-03-01,Found in a coat\ncsv-2,ada:main,ben:main,0.25,EUR,,\n',
  ].join('')
  const first = await importCsv('two.csv', text)
  assert.equal(first.code, 0, first.output)
  assert.match(first.output, /2 payments posted, 0 replayed .*, 0 refused/)
  const second = await importCsv('two.csv', text)
  assert.match(second.output, /0 payments posted, 2 replayed .*, 0 refused/)
  assert.equal(await balanceOf('ada:main'), before + 1025n)
})

test('a refused row is listed with line and reason, the others are booked, and the import fails', async () => {
  const text = [
    'key,from,to,amount,currency\ncsv-3,cash:eur,ben:main,1,EUR\n',
    'csv-4,ben:savings,ben:main,9000000,EUR\ncsv-5,nobody,ben:main,1,EUR\n',
  ].join('')
  const { code, output } = await importCsv('refused.csv', text)
  assert.equal(code, 1)
  assert.match(output, /1 payments posted, 0 replayed .*, 2 refused/)
  assert.match(output, /line 3, key csv-4: 422 insufficient_funds: /)
  assert.match(output, /line 4, key csv-5: 404 account_not_found: /)
})

test('what needs a second person is not counted as posted', async () => {
  const rule = (people: number) => {
    const headers = { 'idempotency-key': `people-${people}` }
    const body = JSON.stringify({ command: 'MakePayment', people })
    return product.as('fiona').send({ method: 'POST', path: '/v1/policies', headers, body })
  }
  assert.equal((await rule(2)).status, 201)
  const before = await balanceOf('ben:main')
  const text = 'key,from,to,amount,currency\ncsv-6,cash:eur,ben:main,1,EUR\n'
  for (let times = 0; times < 2; times += 1) {
    const { code, output } = await importCsv('waiting.csv', text)
    assert.equal(code, 0, output)
    assert.match(output, /0 payments posted, 0 replayed .*, 1 needs a second person \(see Approvals\), 0 refused/)
  }
  assert.equal(await balanceOf('ben:main'), before)
  assert.equal((await rule(1)).status, 201)
})

test('a file with a faulty row sends nothing, and says which row and what is expected', async () => {
  const before = await balanceOf('ben:main')
  const { code, output } = await importCsv(
    'faulty.csv',
    'key,from,to,amount,currency\ncsv-6,cash:eur,ben:main,1,EUR\ncsv-7,cash:eur,ben:main,ten,EUR\n',
  )
  assert.equal(code, 1)
  assert.match(output, /Nothing was sent/)
  assert.match(output, /line 3: amount is "ten", and must be a positive number in EUR/)
  assert.equal(await balanceOf('ben:main'), before)
})

test('a file that is not UTF-8 sends nothing, and says in which line', async () => {
  const before = await balanceOf('ben:main')
  const header = 'key,from,to,amount,currency,reference\n'
  const text = `${header}csv-11,cash:eur,ben:main,1,EUR,Rent\ncsv-12,cash:eur,ben:main,1,EUR,Gebühr\n`
  const { code, output } = await importCsv('latin-1.csv', Buffer.from(text, 'latin1'))
  assert.equal(code, 1)
  assert.match(output, /latin-1\.csv: line 3 is not UTF-8: /)
  assert.equal(await balanceOf('ben:main'), before)
})

test('a key that was used for another payment is refused', async () => {
  await importCsv('key.csv', 'key,from,to,amount,currency\ncsv-8,cash:eur,ben:main,1,EUR\n')
  const { code, output } = await importCsv('key.csv', 'key,from,to,amount,currency\ncsv-8,cash:eur,ben:main,2,EUR\n')
  assert.equal(code, 1)
  assert.match(output, /line 2, key csv-8: 422 idempotency_key_reused: /)
})

test('a row that stands twice is booked once, and another payment under its key is refused', async () => {
  const before = await balanceOf('ben:main')
  const row = (key: string, amount: string) => `${key},cash:eur,ben:main,${amount},EUR\n`
  const rows = [row('csv-9', '1'), row('csv-9', '1'), row('csv-9', '2'), row('csv-10', '1')]
  const text = `key,from,to,amount,currency\n${rows.join('')}`
  const { code, output } = await importCsv('twice.csv', text, '--batch-size', '2')
  assert.equal(code, 1)
  assert.match(output, /2 payments posted, 1 replayed .*, 1 refused/)
  assert.match(output, /line 4, key csv-9: 422 idempotency_key_reused: /)
  const again = await importCsv('twice.csv', text, '--batch-size', '4')
  assert.match(again.output, /0 payments posted, 3 replayed .*, 1 refused/)
  assert.equal(await balanceOf('ben:main'), before + 200n)
})

test('token prints a token that the API takes, and names the personas that it has not', async () => {
  const { code, output } = await product.micropay('token', 'ada').ended
  assert.equal(code, 0)
  const answer = await fetch(`${product.running.url}/v1/accounts/ada:main`, {
    headers: { authorization: `Bearer ${output.trim()}` },
  })
  assert.equal(answer.status, 200)
  const unknown = await product.micropay('token', 'nobody').ended
  assert.equal(unknown.code, 1)
  assert.doesNotMatch(unknown.output, / at /, 'no stack')
})

test('status says what is ready and how far the read model is', async () => {
  const { code, output } = await product.micropay('status').ended
  assert.equal(code, 0, output)
  assert.match(output, /: ready\n/)
  for (const service of ['accounts', 'audit', 'reconciliation']) {
    assert.match(output, new RegExp(`${service}/\\S+ v\\d+ .*: position 0:\\d+, 0 records`))
  }
})

test('a ledger that does not answer is told after the patience given, not waited for', async () => {
  const url = 'http://127.0.0.1:9'
  const { code, output } = await run(
    'deploy/cli/main.ts',
    ['status', '--url', url, '--token', 'x', '--patience', '1'],
    {},
  ).ended
  assert.equal(code, 1)
  assert.match(output, /did not take GET \/health\/ready for 1 s: .*ECONNREFUSED.* Is it running\?/)
})

const berkaHeader =
  'date,trans_id,account_id,amount_haler,rounding_haler,balance_haler,operation,k_symbol,bank,account\n'
const berkaRows = [
  '1993-01-01,1,9001,90000,0,90000,credit in cash,,,\n1993-01-31,2,9001,512,10,90522,,interest credited,,\n',
  '1993-02-01,3,9001,-522,0,90000,remittance to another bank,household,AB,123\n',
].join('')

async function importBerka(name: string, text: string) {
  const path = join(product.home, name)
  await writeFile(path, text)
  return product.micropay('import', 'berka', path).ended
}

test('a Berka file ends with its accounts compared; balances that do not add up fail with the difference', async () => {
  const good = await importBerka('good.csv', berkaHeader + berkaRows)
  assert.equal(good.code, 0, good.output)
  assert.match(good.output, /3 payments posted, 0 replayed .*, 0 refused/)
  assert.match(good.output, /1 accounts compared, 0 mismatches/)
  const wrong = await importBerka('wrong.csv', (berkaHeader + berkaRows).replace('-522,0,90000', '-522,0,90001'))
  assert.equal(wrong.code, 1)
  assert.match(wrong.output, /1 accounts compared, 1 mismatches/)
  assert.match(wrong.output, /berka:9001: the file ends with 90001, and the ledger has 90000 \(a difference of -1\)/)
})
