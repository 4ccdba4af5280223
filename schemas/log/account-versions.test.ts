import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  AccountFrozen,
  AccountOpened,
  AccountOpenedV1,
  AccountStatusChanged,
  AccountStatusV1,
} from './account-events.ts'
import * as versions from './account-versions.ts'

const text = fc.string({ maxLength: 20 })
const accountId = fc.stringMatching(/^[a-z]{1,8}$/)
const opened = fc
  .record(
    {
      accountId,
      type: fc.constantFrom('customer', 'external', 'internal'),
      currency: fc.constantFrom('EUR', 'JPY'),
      owner: fc.stringMatching(/^[a-z]{1,8}:[a-z]{1,8}$/),
      overdraftLimit: fc.constantFrom('0', '500', 'unlimited'),
      path: text,
      name: text,
    },
    { requiredKeys: ['accountId', 'type', 'currency', 'owner', 'overdraftLimit'] },
  )
  .map((data) => AccountOpenedV1.parse(data))
const changed = fc
  .record({ accountId, reason: text }, { requiredKeys: ['accountId'] })
  .map((data) => AccountStatusV1.parse(data))

test('lifted and lowered again, what version 1 said is the same', () => {
  fc.assert(
    fc.property(opened, (data) => {
      const lifted = AccountOpened.parse(versions.openedFromV1(data))
      assert.deepEqual(versions.openedToV1(lifted), data)
      assert.deepEqual(versions.openedFromV1(AccountOpenedV1.parse(versions.openedToV1(lifted))), lifted)
    }),
  )
  fc.assert(
    fc.property(changed, (data) => {
      assert.deepEqual(versions.statusToV1(AccountStatusChanged.parse(versions.statusFromV1(data))), data)
      assert.deepEqual(versions.frozenToV1(AccountFrozen.parse(versions.frozenFromV1(data))), data)
    }),
  )
})

test('what version 1 has no words for is not lowered', () => {
  fc.assert(
    fc.property(opened, changed, text, (opening, change, ownerReference) => {
      const lifted = versions.openedFromV1(opening)
      const personal = { form: 'plain' as const, data: { ownerReference } }
      assert.equal(versions.openedToV1({ ...lifted, personal }), undefined)
      assert.equal(versions.openedToV1({ ...lifted, openedOn: '2019-04-01' }), undefined)
      assert.equal(versions.frozenToV1({ ...versions.frozenFromV1(change), direction: 'outgoing' }), undefined)
    }),
  )
})
