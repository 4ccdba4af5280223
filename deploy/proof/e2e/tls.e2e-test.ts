import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { Account } from '@micropay/schemas/api/account'
import { type Product, startProduct } from './product.fixture.ts'

test('a customer pays and reads, and no service answers who has no certificate', {
  timeout: 120_000,
}, async () => {
  await using product = await startProduct({ partitions: 2 })
  const postings = [{ from: 'ada:main', to: 'ben:main', amount: '500', currency: 'EUR' }]
  const paid = await product.as('ada').send({
    ...{ method: 'POST', path: '/v1/payments', headers: { 'idempotency-key': 'one' } },
    body: JSON.stringify({ postings, reference: 'rent' }),
  })
  assert.equal(paid.status, 201, JSON.stringify(paid.body))
  const headers = { 'at-least': String(paid.headers.position), prefer: 'wait=10' }
  const read = await product.as('ada').send({ method: 'GET', path: '/v1/accounts/ada:main', headers })
  assert.equal(read.status, 200, JSON.stringify(read.body))
  Account.parse(read.body)
  const ready = await (await fetch(`${product.running.url}/health/ready`)).text()
  assert.doesNotMatch(ready, /not ready|trouble/)
  for (const name of inner) {
    const address = await addressOf(product, name)
    assert.match(address, /^https:/, name)
    await assert.rejects(fetch(`${address}/health/live`), name)
    await assert.rejects(fetch(`${address.replace('https:', 'http:')}/health/live`), name)
  }
})

test('with TLS=off services speak plain HTTP with each other', { timeout: 120_000 }, async () => {
  await using product = await startProduct({ environment: { TLS: 'off' }, args: ['--no-seed'] })
  for (const name of inner) {
    const live = await fetch(`${await addressOf(product, name)}/health/live`)
    assert.equal(live.status, 200, name)
  }
  const accounts = await product.as('olga').send({ method: 'GET', path: '/v1/accounts' })
  assert.equal(accounts.status, 200, JSON.stringify(accounts.body))
})

const inner = ['write-side', 'accounts', 'audit', 'reconciliation', 'accounts-projection']

/** As it says itself. */
async function addressOf({ home }: Product, name: string): Promise<string> {
  const said = await readFile(join(home, 'logs', `${name}.log`), 'utf8')
  return /"address":"(https?:[^"]+)"/.exec(said)?.[1] ?? assert.fail(`${name} has said no address`)
}
