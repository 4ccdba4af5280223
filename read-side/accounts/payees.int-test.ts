import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PayeeList } from '@micropay/schemas/api/payee'
import { startReadSide } from './read-side.fixture.ts'

test("payees are the caller's own, by name; who may see all accounts sees no payee of others", async () => {
  const side = await startReadSide()
  const { ledger } = side
  const ben = { owner: 'customer:ada', alias: 'ben', accountId: 'ben' }
  await side.append(
    ledger.genesis(),
    ledger.claim(),
    ledger.open('ben'),
    ledger.payee('Saved', { ...ben, alias: 'Zoë' }),
    ledger.payee('Saved', ben),
    ledger.payee('Saved', { ...ben, owner: 'customer:bob', alias: 'Landlord' }),
    ledger.payee('Saved', { ...ben, alias: 'Elsewhere' }, 'other'),
  )
  side.project()
  const named = async (who: string, atLeast: string) => {
    const response = await side.get('/v1/payees', who, { 'at-least': atLeast, prefer: 'wait=10' })
    assert.equal(response.statusCode, 200, response.body)
    return PayeeList.parse(response.json()).items.map(({ alias }) => alias)
  }
  assert.deepEqual(await named('ada', '0:5'), ['ben', 'Zoë'])
  assert.deepEqual(await named('bob', '0:5'), ['Landlord'])
  assert.deepEqual(await named('finance', '0:5'), [])
  await side.append(ledger.payee('Removed', ben), ledger.payee('Saved', { ...ben, alias: 'Ben' }))
  assert.deepEqual(await named('ada', '0:7'), ['Ben', 'Zoë'])
  await side.append(
    ledger.payee('Saved', { ...ben, alias: 'Brief' }),
    ledger.payee('Removed', { ...ben, alias: 'Brief' }),
  )
  assert.deepEqual(await named('ada', '0:9'), ['Ben', 'Zoë'])
  await side.close()
})
