import assert from 'node:assert/strict'
import { test } from 'node:test'
import { detailsOf, sentenceOf } from './command-words.ts'

test('a payment is told by amount and accounts, one of many parts by what it moves', () => {
  const posting = { from: 'ada:main', to: 'ben:main', amount: '150000', currency: 'EUR' }
  const one = { command: 'MakePayment' as const, data: { postings: [posting], reference: 'Rent' } }
  assert.equal(sentenceOf(one), 'Pay 1,500.00 EUR from ada:main to ben:main')
  assert.deepEqual(detailsOf(one), [
    ['ada:main → ben:main', '1,500.00 EUR'],
    ['Reference', 'Rent'],
  ])
  const legs = [
    { account: 'a', amount: '-300', currency: 'EUR' },
    { account: 'b', amount: '100', currency: 'EUR' },
    { account: 'c', amount: '200', currency: 'EUR' },
  ]
  assert.equal(sentenceOf({ command: 'MakePayment', data: { legs } }), 'Pay 3.00 EUR among 3 parts')
})

test('whoever approves sees all that was asked: an assertion, what a payment is filed under, a day of opening', () => {
  const legs = [
    { account: 'a', amount: '-300', currency: 'EUR', stands: '700' },
    { account: 'b', amount: '300', currency: 'EUR' },
  ]
  assert.deepEqual(detailsOf({ command: 'MakePayment', data: { legs, metadata: { operation: 'sweep' } } }), [
    ['a', '−3.00 EUR, stands at 7.00 EUR then'],
    ['b', '3.00 EUR'],
    ['operation', 'sweep'],
  ])
  const opening = { accountId: 'kai:main', type: 'customer', owner: 'customer:kai', openedOn: '2019-04-01' }
  assert.deepEqual(detailsOf({ command: 'OpenAccount', data: opening }), [
    ['Account', 'kai:main'],
    ['Owner', 'customer:kai'],
    ['Type', 'customer'],
    ['Opened on', '2019-04-01'],
  ])
})

test('what a list left out is told by its name', () => {
  assert.equal(sentenceOf({ command: 'ImportStatement', data: null }), 'Import a bank statement')
})

test('periods, accounts and rules are told in words', () => {
  assert.equal(sentenceOf({ command: 'ReopenPeriod', data: { periodId: 'prd-0-9' } }), 'Reopen period prd-0-9')
  assert.equal(
    sentenceOf({ command: 'ClosePeriod', data: { through: '2026-06-30' } }),
    'Close all days up to 2026-06-30',
  )
  assert.equal(
    sentenceOf({ command: 'RefundPayment', data: { paymentId: 'pay-0-7' } }),
    'Refund all of payment pay-0-7',
  )
  const withdrawing = { accountId: 'bank:ing', statementId: 'day-1', position: '0:7', reason: 'of another account' }
  const withdrawal = { command: 'WithdrawStatement' as const, data: withdrawing }
  assert.equal(sentenceOf(withdrawal), 'Withdraw statement day-1 of bank:ing')
  assert.deepEqual(detailsOf(withdrawal), [
    ['Account', 'bank:ing'],
    ['Reason', 'of another account'],
  ])
  assert.equal(sentenceOf({ command: 'FreezeAccount', data: { accountId: 'ada:main' } }), 'Freeze ada:main')
  const outgoing = { accountId: 'ada:main', direction: 'outgoing' }
  assert.equal(sentenceOf({ command: 'FreezeAccount', data: outgoing }), 'Freeze what leaves ada:main')
  const flag = { accountId: 'cash:eur', flag: 'receivesFromCustomers' }
  assert.equal(sentenceOf({ command: 'SetAccountFlag', data: { ...flag, value: true } }), 'Let customers pay cash:eur')
  assert.equal(
    sentenceOf({ command: 'SetAccountFlag', data: { ...flag, value: false } }),
    'Stop customers paying cash:eur',
  )
  assert.equal(sentenceOf({ command: 'ChangeAccount', data: { accountId: 'ada:main' } }), 'Change ada:main')
  const limit = { command: 'ChangeAccount' as const, data: { accountId: 'ada:main', overdraftLimit: '75000' } }
  assert.equal(sentenceOf(limit, 'EUR'), 'Change ada:main (overdraft limit 750.00 EUR)')
  assert.equal(sentenceOf(limit), 'Change ada:main (overdraft limit)')
  const all = { accountId: 'a', name: 'Ada', ownerReference: 'K-1', path: 'income/eur', overdraftLimit: 'unlimited' }
  assert.equal(
    sentenceOf({ command: 'ChangeAccount', data: all }, 'EUR'),
    "Change a (overdraft limit unlimited, name Ada, owner's reference K-1, place income/eur)",
  )
  const above = { amount: '100000', currency: 'EUR' }
  assert.equal(
    sentenceOf({ command: 'SetPolicy', data: { command: 'MakePayment', people: 2, above } }),
    'From now on: make a payment needs two persons above 1,000.00 EUR or in another currency',
  )
})

test('a proposal that holds what no page knows is told by its name', () => {
  assert.equal(sentenceOf({ command: 'RefuseCommand', data: { postings: 5 } }), 'Refuse a proposal')
  assert.deepEqual(detailsOf({ command: 'RefuseCommand', data: { postings: 5 } }), [])
})
