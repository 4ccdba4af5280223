import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Commit } from '@micropay/schemas/log/commit'
import { putAccount } from '../decide/account.ts'
import { emptyLedger, overlayOn } from '../decide/overlay.ts'
import { account } from '../decide/payment.fixture.ts'
import { createUnsettled } from './unsettled.ts'

const leg = (to: string, amount: string) => ({ account: to, amount, currency: 'EUR' })
const commit = (type: string, data: object) =>
  ({ tenant: 'main', events: [{ type, version: 2, data }] }) as unknown as Commit

test('an account that was forced below its limit is told until it is within, and suspense until it is zero', () => {
  const ledger = overlayOn(emptyLedger)
  const unsettled = createUnsettled()
  const stand = (balanceMinor: bigint) => {
    ledger.put([putAccount(account('ada', { balanceMinor, overdraftLimit: '100' as never }))])
  }
  const posted = (more: object) =>
    commit('LegsPosted', { legs: [leg('ada', '-150'), leg('transit/1/EUR', '150')], ...more })
  const found = () => unsettled.found().map(({ kind, accountId, amount }) => `${kind} ${accountId} ${amount}`)
  stand(-150n)
  unsettled.take(posted({}), ledger)
  assert.deepEqual(found(), [], 'by no force')
  unsettled.take(posted({ forced: true }), ledger)
  assert.deepEqual(found(), ['below_limit ada 50'])
  stand(-101n)
  unsettled.take(commit('PaymentPosted', { legs: [leg('ada', '49'), leg('ben', '-49')] }), ledger)
  assert.deepEqual(found(), ['below_limit ada 1'])
  stand(-100n)
  unsettled.take(commit('AccountChanged', { accountId: 'ada' }), ledger)
  stand(-101n)
  unsettled.take(commit('AccountChanged', { accountId: 'ada' }), ledger)
  assert.deepEqual(found(), [])

  unsettled.take(commit('LegsWrittenOff', { legs: [leg('transit/1/EUR', '70'), leg('suspense/0/EUR', '-70')] }), ledger)
  assert.deepEqual(found(), ['suspense suspense/0/EUR -70'])
  unsettled.take(commit('PaymentPosted', { legs: [leg('ada', '-70'), leg('suspense/0/EUR', '70')] }), ledger)
  assert.deepEqual(found(), [])
})
