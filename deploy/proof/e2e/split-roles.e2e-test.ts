import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '@micropay/runtime/clock'
import { asSuperuser } from './log-database.fixture.ts'
import { type Product, startProduct } from './product.fixture.ts'

type Connected = { readonly name: string; readonly role: string }

/** Who is connected to the databases, by the name that each connection has, and as which role. */
async function connected(product: Product): Promise<readonly Connected[]> {
  const { rows } = await asSuperuser(product, (client) =>
    client.query<Connected>(`select distinct application_name as name, usename as role from pg_stat_activity
      where backend_type = 'client backend' and pid <> pg_backend_pid() order by 1, 2`),
  )
  return rows
}

async function rebuilt(product: Product, schema: string): Promise<void> {
  const live = `select from projection.version where state = 'live' and schema_name = $1`
  for (;;) {
    const { rowCount } = await asSuperuser(product, (client) => client.query(live, [schema]), 'micropay_accounts')
    if (rowCount === 1) return
    await systemClock.sleep(100)
  }
}

test('the whole product runs, rebuilds and verifies with roles that own nothing but read models', {
  timeout: 240_000,
}, async () => {
  await using product = await startProduct({ partitions: 2 })
  const olga = product.as('olga')
  const payment = { postings: [{ from: 'cash:eur', to: 'ada:main', amount: '777', currency: 'EUR' }] }
  const headers = { 'idempotency-key': 'split-roles' }
  const paid = await olga.send({ method: 'POST', path: '/v1/payments', headers, body: JSON.stringify(payment) })
  assert.equal(paid.status, 201, JSON.stringify(paid.body))
  const asked = await product.as('sam').send({ method: 'POST', path: '/v1/projections/accounts/rebuild' })
  assert.equal(asked.status, 202, JSON.stringify(asked.body))
  await rebuilt(product, String((asked.body as { schema?: unknown }).schema))
  const verified = await product.micropay('verify').ended
  assert.equal(verified.code, 0, verified.output)
  assert.match(verified.output, /The log is sound/)

  const position = String(paid.headers.position)
  const read = await olga.send({
    ...{ method: 'GET', path: '/v1/accounts/ada:main/entries?limit=1' },
    headers: { 'at-least': position, prefer: 'wait=10' },
  })
  assert.match(JSON.stringify(read.body), /"777"/, 'what was rebuilt can be read at once by who only reads')
  const vera = product.as('vera')
  assert.equal((await vera.send({ method: 'GET', path: '/v1/audit/accesses?limit=1' })).status, 200)
  const all = await connected(product)
  const rolesOf = (name: RegExp) => [...new Set(all.flatMap((each) => (name.test(each.name) ? [each.role] : [])))]
  assert.deepEqual(rolesOf(/^read-side\/audit$/), ['micropay_audit_read'])
  assert.deepEqual(rolesOf(/^read-side\/accounts$/), ['micropay_accounts_read'])
  assert.deepEqual(rolesOf(/^projections\/accounts$/).toSorted(), ['micropay_accounts_build', 'micropay_accounts_run'])
  assert.deepEqual(rolesOf(/^micropay-event-log$/).toSorted(), ['micropay_log_read', 'micropay_log_run'])
  assert.deepEqual(
    all.filter(({ role }) => !/_(run|read|build)$/.test(role)),
    [],
    'nobody is a superuser, or an owner',
  )
})
