import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { Account } from '@micropay/schemas/api/account'
import { startProduct } from './product.fixture.ts'

test('with TLS=on a customer pays and reads, and no service answers who has no certificate', {
  timeout: 120_000,
}, async () => {
  await using product = await startProduct({ environment: { TLS: 'on' }, partitions: 2 })
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
  const logs = ['write-side', 'accounts', 'audit', 'reconciliation', 'accounts-projection']
  for (const name of logs) {
    const address = /"address":"(https?:[^"]+)"/.exec(await readFile(join(product.home, 'logs', `${name}.log`), 'utf8'))
    assert.match(String(address?.[1]), /^https:/, name)
    await assert.rejects(fetch(`${address?.[1]}/health/live`), name)
    await assert.rejects(fetch(`${address?.[1]?.replace('https:', 'http:')}/health/live`), name)
  }
})
