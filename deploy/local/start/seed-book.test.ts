import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OpenAccount } from '@micropay/schemas/api/account'
import { BatchPayment } from '@micropay/schemas/api/payment'
import { seedBook } from './seed-book.ts'

const book = seedBook('2026-03-01')
const openings = new Map(book.accounts.map((account) => [account.accountId, OpenAccount.parse(account)]))

test('the same day gives the same book, to the byte, so booking it twice changes nothing', () => {
  assert.equal(JSON.stringify(seedBook('2026-03-01')), JSON.stringify(book))
})

test('every account and payment of it is well formed, and keys are unique', () => {
  for (const payment of book.payments) BatchPayment.parse(payment)
  assert.equal(new Set(book.payments.map((payment) => payment.idempotencyKey)).size, book.payments.length)
  assert.equal(openings.size, book.accounts.length)
})

test('its payments lie in the eight weeks before the day, in the order of their dates', () => {
  const dates = book.payments.map((payment) => payment.effectiveAt ?? '')
  assert.deepEqual(dates, dates.toSorted())
  assert.ok((dates[0] ?? '') >= '2026-01-04T00:00:00')
  assert.ok((dates.at(-1) ?? '') < '2026-03-01T00:00:00')
})

test('exactly the four that are meant to be refused are refused, and the account that gets closed ends empty', () => {
  const balances = new Map<string, bigint>()
  const balanceOf = (accountId: string) => balances.get(accountId) ?? 0n
  const refused = book.payments.filter(({ postings = [] }) => {
    const posting = postings[0]
    assert.ok(posting)
    const { from, to, currency } = posting
    const payer = openings.get(from)
    const amount = BigInt(posting.amount)
    const limit = payer?.type === 'customer' ? BigInt(payer.overdraftLimit ?? '0') : 10n ** 18n
    const holds = [from, to].every((accountId) => openings.get(accountId)?.currency === currency)
    if (!holds || balanceOf(from) + limit < amount) return true
    balances.set(from, balanceOf(from) - amount)
    balances.set(to, balanceOf(to) + amount)
    return false
  })
  assert.deepEqual(
    refused.map((payment) => payment.reference),
    ['New sofa', 'RENT', 'Tickets', 'Souvenirs'],
  )
  for (const { accountId, change } of book.changes) if (change === 'close') assert.equal(balanceOf(accountId), 0n)
})

test('there are accounts of every type, and both customers with sign-ins have two', () => {
  const types = new Set(book.accounts.map((account) => account.type))
  assert.deepEqual([...types].sort(), ['customer', 'external', 'internal'])
  for (const owner of ['customer:ada', 'customer:ben']) {
    assert.equal(book.accounts.filter((account) => account.owner === owner).length, 2)
  }
})
