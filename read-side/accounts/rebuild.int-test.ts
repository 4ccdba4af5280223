import assert from 'node:assert/strict'
import { test } from 'node:test'
import { begunSchema } from '@micropay/projections/versions/projections.fixture'
import { Account, AccountPage, EntryPage } from '@micropay/schemas/api/account'
import { startReadSide } from './read-side.fixture.ts'

test('while rebuilds run under live traffic, reads never fail, go back, or show anything but their position', async () => {
  const side = await startReadSide()
  const { ledger } = side
  await side.append(ledger.genesis(), ledger.claim())
  await side.append(ledger.open('cash', { type: 'external', overdraftLimit: 'unlimited' }), ledger.open('ada:main'))
  for (let count = 0; count < 5_000; count += 100) {
    await side.append(...Array.from({ length: 100 }, () => ledger.pay([['cash', 'ada:main', 1]])))
  }
  const worker = side.project()
  const ready = await side.get('/v1/accounts', 'ada', { 'at-least': '0:5002', prefer: 'wait=10' })
  assert.equal(ready.statusCode, 200)

  let done = false
  let seen = 0
  let reads = 0
  const reading = (async () => {
    while (!done) {
      await side.append(ledger.pay([['cash', 'ada:main', 1]]))
      const wanted = ledger.position().seq
      const [account, accounts, entries] = await Promise.all([
        side.get('/v1/accounts/ada:main', 'ada', { 'at-least': `0:${wanted}` }),
        side.get('/v1/accounts', 'ada'),
        side.get('/v1/accounts/ada:main/entries?limit=1', 'ada'),
      ])
      assert.deepEqual([account.statusCode, accounts.statusCode, entries.statusCode], [200, 200, 200], account.body)
      const at = Number(String(account.headers.position).split(':')[1])
      assert.ok(at >= seen, `went back from ${seen} to ${at}`)
      seen = at
      assert.equal(Account.parse(account.json()).balance, String(at - 2))
      assert.equal(AccountPage.parse(accounts.json()).items.length, 2)
      const entriesAt = String(entries.headers.position)
      assert.equal(EntryPage.parse(entries.json()).items[0]?.position, entriesAt)
      reads += 1
    }
  })()

  const schemas = new Set<string>()
  for (let round = 0; round < 3; round += 1) {
    const schema = await waitFor(() => begunSchema(worker.startRebuild()))
    schemas.add(schema)
    await waitFor(async () => {
      const found = await side.database.pool.query(
        `select 1 from projection.version where schema_name = $1 and state = 'live'`,
        [schema],
      )
      return found.rowCount ? schema : undefined
    })
  }
  done = true
  await reading
  await side.close()
  assert.equal(schemas.size, 3)
  assert.ok(reads > 3, `${reads} rounds of reads`)
})

async function waitFor<Result>(look: () => Promise<Result | undefined>): Promise<Result> {
  const deadline = performance.now() + 30_000
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    assert.ok(performance.now() < deadline, 'it takes too long')
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
