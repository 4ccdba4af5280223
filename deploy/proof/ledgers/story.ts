import { bankPayments, bankPaymentsAt, bankStatement } from '../e2e/bank-statement.fixture.ts'
import type { Sent } from './kept-ledger.ts'

/**
 * What is booked into a ledger that is to be kept: each kind of account, command and event, with all optional fields
 * and without, and each kind of refusal that needs no race. The second half is booked by another run of the product.
 */
export const story: { readonly before: readonly Sent[]; readonly after: readonly Sent[] } = {
  before: [
    ...accounts(),
    ...deposits(),
    pay('ada', 'lunch', [['ada:main', 'ben:main', '1250', 'EUR']], {
      reference: 'LUNCH',
      description: 'Soupe à l’oignon',
    }),
    pay('ada', 'all-fields', [['ada:main', 'ben:main', '4999', 'EUR']], {
      ...{ effectiveAt: '2026-02-27T23:30:00+01:00', reference: 'INV-1', description: 'Paper, ink "and" more' },
      metadata: { order: 'A-1', channel: 'web', note: 'ünïcödé ✓' },
    }),
    pay('olga', 'split', [
      ['ada:main', 'rent{linden}', '90000', 'EUR'],
      ['ben:main', 'rent{linden}', '2000', 'EUR'],
      ['ada:main', 'fees:eur', '25', 'EUR'],
    ]),
    pay('ada', 'beyond-overdraft', [['ada:main', 'fees:eur', '60000', 'EUR']]),
    pay('ben', 'too-much', [['ben:main', 'ada:main', '99999999', 'EUR']], { reference: 'REFUSED' }),
    pay('olga', 'nobody', [['cash:eur', 'nobody:main', '100', 'EUR']]),
    pay('olga', 'wrong-currency', [['cash:usd', 'ada:main', '100', 'USD']]),
    pay('ben', 'not-his', [['ada:main', 'ben:main', '100', 'EUR']]),
    change('freeze', 'old:main', { reason: 'card reported stolen' }),
    pay('olga', 'to-frozen', [['cash:eur', 'old:main', '100', 'EUR']]),
    payee('ada', 'payee-ben', 'Ben', 'ben:main'),
    payee('ada', 'payee-rent', 'Løyer', 'rent{linden}'),
    payee('ben', 'payee-ada', 'Ada', 'ada:main'),
    post('ada', 'payee-unknown', '/v1/payees/Nobody/remove', {}),
    post('ada', 'payee-removed', '/v1/payees/L%C3%B8yer/remove', {}),
  ],
  after: [
    change('unfreeze', 'old:main', { reason: 'card found again' }),
    change('close', 'old:main', { reason: 'moved to another bank' }),
    change('close', 'ben:main', {}),
    ...bankPayments.map(([from, to, amount, reference], index) =>
      pay('olga', `bank-${index}`, [[from, to, amount, 'EUR']], { reference, effectiveAt: bankPaymentsAt }),
    ),
    {
      ...{ as: 'fiona', path: '/v1/statements?account=bank:house', body: bankStatement },
      headers: { 'idempotency-key': 'kept:statement', 'content-type': 'application/xml' },
    },
    change('freeze', 'ben:usd', {}),
    pay('ada', 'between-her-own', [['ada:main', 'ada:savings', '100', 'EUR']]),
    pay('olga', 'dollars', [['cash:usd', 'ada:usd', '123456789', 'USD']]),
    pay('olga', 'withdrawal', [['ada:usd', 'cash:usd', '9', 'USD']]),
    pay('olga', 'yen', [['cash:jpy', 'ada:jpy', '1000000', 'JPY']]),
    post('olga', 'legs', '/v1/payments', {
      legs: [
        { account: 'rent{linden}', amount: '-100', currency: 'EUR', stands: '91900' },
        { account: 'ada:main', amount: '60', currency: 'EUR' },
        { account: 'fees:eur', amount: '40', currency: 'EUR' },
        { account: 'cash:eur', amount: '0', currency: 'EUR' },
      ],
      reference: 'SPLIT-2',
    }),
    post('olga', 'refund', '/v1/payments/pay-0-28/refund', { amount: '250', reason: 'One soup was cold' }),
    post('olga', 'refund-too-much', '/v1/payments/pay-0-28/refund', { amount: '1001', reason: 'All of it' }),
    post('olga', 'change', '/v1/accounts/ada:savings/change', {
      ...{ name: 'Ada, for a rainy day', ownerReference: 'C-17', overdraftLimit: '100' },
    }),
    post('olga', 'flag', '/v1/accounts/fees:eur/flag', { flag: 'receivesFromCustomers', value: true }),
    change('freeze', 'ada:savings', { direction: 'outgoing', reason: 'asked for by its owner' }),
    pay('ada', 'to-her-frozen-one', [['ada:main', 'ada:savings', '5', 'EUR']]),
    post('fiona', 'zone', '/v1/ledger-zone', { zone: 'Europe/Amsterdam' }),
    pay('olga', 'largest', [['cash:usd', 'fees:usd', '1000000000000000', 'USD']]),
    post('fiona', 'policy', '/v1/policies', {
      ...{ command: 'MakePayment', people: 2, above: { amount: '50000', currency: 'EUR' } },
    }),
    pay('olga', 'waits', [['cash:eur', 'ada:main', '50001', 'EUR']]),
  ],
}

/** Booked by code that goes on with a kept ledger. */
export const oneMore = pay('olga', 'one-more', [['cash:eur', 'ada:main', '777', 'EUR']], { reference: 'AFTERWARDS' })

function accounts(): Sent[] {
  const open = (accountId: string, body: object) =>
    post('olga', `open:${accountId}`, '/v1/accounts', { accountId, ...body })
  const house = { owner: 'house:micropay' }
  return [
    open('cash:eur', { ...house, type: 'external', currency: 'EUR', name: 'Cash desk', path: 'assets/cash/eur' }),
    open('cash:usd', { ...house, type: 'external', currency: 'USD' }),
    open('cash:jpy', { ...house, type: 'external', currency: 'JPY' }),
    open('bank:house', { ...house, type: 'external', currency: 'EUR', name: 'House bank', path: 'assets/banks/house' }),
    open('fees:eur', { ...house, type: 'internal', currency: 'EUR', name: 'Fees', path: 'income/fees/eur' }),
    open('fees:usd', { ...house, type: 'internal', currency: 'USD' }),
    open('ada:main', {
      type: 'customer',
      currency: 'EUR',
      owner: 'customer:ada',
      name: 'Ada Lovelace',
      overdraftLimit: '50000',
    }),
    open('ada:savings', { type: 'customer', currency: 'EUR', owner: 'customer:ada' }),
    open('ada:usd', { type: 'customer', currency: 'USD', owner: 'customer:ada' }),
    open('ada:jpy', { type: 'customer', currency: 'JPY', owner: 'customer:ada' }),
    open('ben:main', { type: 'customer', currency: 'EUR', owner: 'customer:ben', name: 'Ben Franklin' }),
    open('ben:usd', { type: 'customer', currency: 'USD', owner: 'customer:ben' }),
    open('rent{linden}', {
      type: 'customer',
      currency: 'EUR',
      owner: 'customer:landlord',
      overdraftLimit: 'unlimited',
    }),
    open('old:main', { type: 'customer', currency: 'EUR', owner: 'customer:ivan', name: 'Ivan Horvat, old account' }),
    post('olga', 'open-again', '/v1/accounts', {
      accountId: 'ada:usd',
      type: 'customer',
      currency: 'EUR',
      owner: 'customer:ada',
    }),
  ]
}

function deposits(): Sent[] {
  return Array.from({ length: 12 }, (_, index) =>
    pay(
      'olga',
      `deposit-${index}`,
      [['cash:eur', index % 3 === 0 ? 'ben:main' : 'ada:main', String(10_000 + index), 'EUR']],
      {
        effectiveAt: `2026-0${1 + (index % 2)}-${String(10 + index)}T08:00:00Z`,
      },
    ),
  )
}

type Leg = readonly [from: string, to: string, amount: string, currency: string]

function pay(as: string, key: string, legs: readonly Leg[], more: object = {}): Sent {
  const postings = legs.map(([from, to, amount, currency]) => ({ from, to, amount, currency }))
  return post(as, key, '/v1/payments', { postings, ...more })
}

function change(what: 'freeze' | 'unfreeze' | 'close', accountId: string, body: object): Sent {
  return post('olga', `${what}:${accountId}`, `/v1/accounts/${accountId}/${what}`, body)
}

function payee(as: string, key: string, alias: string, accountId: string): Sent {
  return post(as, key, '/v1/payees', { alias, accountId })
}

function post(as: string, key: string, path: string, body: object): Sent {
  return { as, path, headers: { 'idempotency-key': `kept:${key}` }, body: JSON.stringify(body) }
}
