import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Queryable } from '../projection.ts'
import { createKnownRows } from './known-rows.ts'

type Account = { readonly account_id: string; readonly balance: number }

/** What the database holds, by a reader that no test asks for anything else. */
function openKnown(stored: Record<string, number>, remembered: number) {
  const asked: string[][] = []
  const load = async (_reader: Queryable, ids: readonly string[]): Promise<Account[]> => {
    asked.push([...ids])
    return ids.flatMap((account_id) => {
      const balance = stored[account_id]
      return balance === undefined ? [] : [{ account_id, balance }]
    })
  }
  const accounts = createKnownRows((account: Account) => account.account_id, load, remembered)
  return { ...accounts, asked, learn: (ids: string[]) => accounts.learn({ query: undefined as never }, ids) }
}

test('an account is read once, and one that does not exist is not known', async () => {
  const { learn, known, asked } = openKnown({ ada: 5 }, 10)
  await learn(['ada', 'new'])
  await learn(['ada'])
  assert.deepEqual(asked, [['ada', 'new']])
  assert.deepEqual([...known.keys()], ['ada'])
})

test('beyond the limit the account that has been quiet the longest is forgotten first', () => {
  const { change, known, forgetOldest } = openKnown({}, 2)
  change(['ada', 'ben', 'eve'].map((account_id) => ({ account_id, balance: 1 })))
  change([{ account_id: 'ada', balance: 2 }])
  forgetOldest(() => false)
  assert.deepEqual([...known.keys()], ['eve', 'ada'])
})

test('an account whose change is not written yet is not forgotten: reading it again would give its old balance', () => {
  const { change, known, forgetOldest } = openKnown({ ada: 1 }, 1)
  change(['ada', 'ben', 'eve'].map((account_id) => ({ account_id, balance: 2 })))
  forgetOldest((accountId) => accountId === 'ada')
  assert.deepEqual([...known.keys()], ['ada'])
})
