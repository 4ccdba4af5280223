import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Account } from '@micropay/schemas/api/account'
import { AccountId, OwnerId } from '@micropay/schemas/identifiers'
import { compareLedgers } from './compare-ledgers.ts'
import { commandsFor } from './finish-accounts.ts'
import { comparisonLines } from './move-lines.ts'
import type { OldAccount } from './old-account.ts'

const at = '2026-03-01T10:00:00.000Z'
const head = { type: 'customer' as const, currency: 'EUR' as const, overdraftLimit: '0' }

function old(id: string, balanceMinor: bigint, more: Partial<OldAccount> = {}): OldAccount {
  return {
    ...{ accountId: AccountId.parse(id), tenant: 'main', owner: OwnerId.parse(`customer:${id}`), ...head },
    ...{ status: 'open', balanceMinor, openedAt: at, firstMs: undefined, ...more },
  }
}

function now(id: string, balance: string, more: object = {}): Account {
  return Account.parse({
    ...{ accountId: id, owner: `customer:${id}`, name: null, ownerReference: null, ...head, balance },
    ...{ path: 'liabilities/customers/eur', status: 'open', frozen: null, receivesFromCustomers: true },
    ...{
      held: '0',
      due: '0',
      available: balance,
      openedOn: null,
      belowLimitSince: null,
      openedAt: at,
      changedAt: at,
      position: '0:1',
    },
    ...more,
  })
}

async function compared(accounts: OldAccount[], ...pages: Account[][]) {
  async function* all() {
    yield* pages
  }
  return compareLedgers({ accounts: new Map(accounts.map((each) => [each.accountId, each])) }, all())
}

test('accounts that are the same everywhere do not differ', async () => {
  const comparison = await compared([old('ada', 5n), old('ben', -5n)], [now('ada', '5')], [now('ben', '-5')])
  const same = '  EUR: 2 accounts, credit 0.05 EUR, debit 0.05 EUR on both sides'
  assert.deepEqual(comparisonLines(comparison), ['2 accounts compared, 0 differences', same])
})

test('a balance, a limit, and an account that one of them has alone are named', async () => {
  const before = [old('ada', 5n), old('ben', -5n), old('eve', 0n)]
  const comparison = await compared(
    before,
    [now('ada', '6', { overdraftLimit: 'unlimited' }), now('ben', '-5')],
    [now('zoe', '0')],
  )
  assert.deepEqual(comparisonLines(comparison), [
    '3 accounts compared, 4 differences',
    '  EUR: DIFFERENT old 3 accounts, credit 0.05 EUR, debit 0.05 EUR; new 3 accounts, credit 0.06 EUR, debit 0.05 EUR',
    '  ada: balance was 5, and is 6',
    '  ada: overdraftLimit was 0, and is unlimited',
    '  zoe: account was none, and is balance 0',
    '  eve: account was balance 0, and is none',
  ])
})

test('an account gets what it lacks, and is closed last', () => {
  const names = (before: OldAccount, account: Account) => commandsFor(before, account).map(({ path }) => path)
  assert.deepEqual(names(old('ada', 0n), now('ada', '0')), [])
  const closed = old('ada', 0n, { status: 'closed' })
  assert.deepEqual(names(closed, now('ada', '0', { overdraftLimit: 'unlimited' })), ['change', 'close'])
  const frozen = old('ada', 0n, { status: 'frozen', frozen: 'outgoing' })
  const reason = 'as in the ledger that it was moved from'
  assert.deepEqual(commandsFor(frozen, now('ada', '0')), [{ path: 'freeze', body: { reason, direction: 'outgoing' } }])
})
