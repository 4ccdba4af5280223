import { bankStatement } from '../e2e/bank-statement.fixture.ts'
import type { Role } from './people.ts'
import type { Subject } from './things.ts'

/**
 * What the product promises of who may do what to whose, said here once more by hand: nothing of it is read from the
 * product. An operation of /openapi.json without a row here fails the test (access-matrix.e2e-test.ts).
 */
export type Rule = {
  readonly operation: string
  /** Who may at all; any other one with a token is 403 `forbidden`, and who has none 401 `unauthenticated`. */
  readonly may: readonly Role[]
  /** Who of them may whosever it is; the others only what is their own. */
  readonly all: readonly Role[]
  readonly on: Subject['kind']
  readonly asks?: (subject: Subject) => Asks
  /** The answer about what one may: a status, and of a problem its code; of a batch that of its only item. */
  readonly there: Expected
  /** The answer about what there is not, what is somebody else's, and what is another tenant's: no difference. */
  readonly hidden?: Expected
  /** An answer of status 200 holds the mark of each customer whom the asker may see, and not only of nobody else. */
  readonly shows?: boolean
  /** Those that it makes no sense of. */
  readonly without?: readonly Subject['target'][]
}
type Asks = { readonly query?: string; readonly body?: unknown; readonly contentType?: string }
type Expected = string | Partial<Record<Role | 'others', string>>

const readers = ['operator', 'finance', 'auditor'] as const
const bookers = ['operator', 'machine'] as const
const deciders = ['operator', 'finance'] as const
const everybody: readonly Role[] = [
  ...(['customer', 'operator', 'finance', 'auditor', 'sre', 'machine', 'unscoped', 'anonymous'] as const),
]

const dry = { dryRun: true }
const notFound = '404 not_found'
const noAccount = '404 account_not_found'
/** Customers are not told why. */
const notPayable = { customer: '422 payee_not_payable', others: noAccount }
const posting = (from: string, to: string, amount = '1') => [{ from, to, amount, currency: 'EUR' }]
/** One at a time. */
const begun = '202|409 rebuild_in_progress'
const days = 'from=2020-01-01&to=2020-01-31'

/** Reads of accounts and payments: customers their own, staff all of the tenant. */
const read = (path: string, on: Subject['kind'], query?: (subject: Subject) => string): Rule => ({
  ...{ operation: `GET ${path}`, may: ['customer', ...readers], all: readers, on, there: '200', hidden: notFound },
  shows: true,
  ...(query ? { asks: (subject) => ({ query: query(subject) }) } : {}),
})
/** Reads of staff. */
const staff = (path: string, may: readonly Role[], more: Partial<Rule> = {}): Rule => ({
  ...{ operation: `GET ${path}`, may, all: may, on: 'nothing', there: '200', hidden: notFound, ...more },
})
const command = (path: string, may: readonly Role[], on: Subject['kind'], more: Partial<Rule>): Rule => ({
  ...{ operation: `POST ${path}`, may, all: may, on, there: '200', asks: () => ({ body: dry }), ...more },
})
const account = (verb: string, more: Partial<Rule> = {}): Rule =>
  command(`/v1/accounts/{accountId}/${verb}`, ['operator'], 'account', { hidden: noAccount, ...more })

const payers: readonly Role[] = ['customer', ...bookers]
const proposers: readonly Role[] = ['customer', ...bookers, 'finance']
const finance: readonly Role[] = ['finance']
const audit: readonly Role[] = ['auditor']
const platform: readonly Role[] = ['operator', 'finance', 'auditor', 'sre']

export const rules: readonly Rule[] = [
  { operation: 'GET /session', may: everybody, all: [], on: 'nothing', there: '401 unauthenticated' },
  { operation: 'GET /session/login', may: everybody, all: [], on: 'nothing', there: '303' },
  // A page that says that nobody asked.
  { operation: 'GET /session/callback', may: everybody, all: [], on: 'nothing', there: '400' },
  // To sign in: nobody is by a token.
  { operation: 'GET /session/confirm', may: everybody, all: [], on: 'nothing', there: '303' },
  // Home: nobody asked to sign out.
  { operation: 'GET /session/signed-out', may: everybody, all: [], on: 'nothing', there: '303' },
  {
    ...{ operation: 'POST /session/backchannel-logout', may: everybody, all: [], on: 'nothing' },
    there: '400 logout_token_invalid',
  },
  { operation: 'POST /session/logout', may: everybody, all: [], on: 'nothing', there: '401 unauthenticated' },

  read('/v1/accounts', 'nothing'),
  read('/v1/accounts.csv', 'nothing'),
  { ...read('/v1/account-events', 'nothing'), shows: false },
  read('/v1/accounts/{accountId}', 'account'),
  read('/v1/accounts/{accountId}/entries', 'account'),
  read('/v1/accounts/{accountId}/entries.csv', 'account'),
  { ...read('/v1/accounts/{accountId}/balance', 'account', () => 'at=2026-03-01'), shows: false },
  read('/v1/payments', 'nothing'),
  read('/v1/payments', 'account', ({ id }) => `account=${id}`),
  read('/v1/payments.csv', 'account', ({ id }) => `account=${id}`),
  read('/v1/payments/{paymentId}', 'payment'),
  { ...read('/v1/payees', 'nothing'), all: [] },
  staff('/v1/approvals', [...proposers, 'auditor'], { all: [...deciders, 'auditor'], shows: true }),
  staff('/v1/approvals/{proposalId}', [...proposers, 'auditor'], {
    ...{ all: [...deciders, 'auditor'], on: 'proposal', shows: true },
  }),
  staff('/v1/policies', [...deciders, 'auditor']),
  staff('/v1/under-way', finance),
  staff('/v1/trial-balance', finance, { shows: true }),
  staff('/v1/trial-balance/{accountId}/entries', finance, { on: 'account', shows: true }),
  staff('/v1/chart-of-accounts', finance),
  staff('/v1/daily-totals', finance, { asks: () => ({ query: days }) }),
  staff('/v1/daily-totals', finance, {
    // A search, which finds nothing of what there is not.
    ...{ on: 'account', hidden: '200', asks: ({ id }) => ({ query: `${days}&account=${id}` }) },
  }),
  staff('/v1/reconciliations', finance),
  staff('/v1/reconciliations', finance, { on: 'bank', hidden: '200', asks: ({ id }) => ({ query: `account=${id}` }) }),
  staff('/v1/reconciliations/{statementId}', finance, {
    ...{ on: 'statement', asks: ({ bank }) => ({ query: `account=${bank}` }) },
  }),
  staff('/v1/periods', ['operator', 'finance', 'auditor', 'machine']),
  staff('/v1/periods/checklist', finance, { asks: () => ({ query: 'through=2021-12-31' }) }),
  staff('/v1/periods/{periodId}', ['operator', 'finance', 'auditor'], { on: 'period' }),
  staff('/v1/audit/accounts/{accountId}/replay', audit, { on: 'account', shows: true }),
  staff('/v1/audit/payments/{paymentId}', audit, { on: 'payment', shows: true }),
  staff('/v1/audit/payments/{paymentId}/steps', audit, { on: 'payment' }),
  staff('/v1/audit/records/{partition}/{seq}', audit, { on: 'record' }),
  staff('/v1/audit/accesses', audit),
  staff('/v1/audit/verifications', platform),
  staff('/v1/audit/verify', ['auditor', 'sre']),
  staff('/v1/audit/partitions/{partition}/verify', ['auditor', 'sre'], { on: 'partition' }),
  staff('/v1/projections', platform),
  staff('/v1/workers', platform),
  staff('/v1/parked', platform),
  staff('/v1/traffic', platform),
  staff('/v1/history', platform),
  staff('/v1/configuration', ['sre']),

  command('/v1/accounts', ['operator'], 'account', {
    // Each tenant has ids of its own, so that of another one is free.
    ...{ there: '409 account_exists', hidden: '200' },
    asks: ({ id }) => ({ body: { accountId: id, type: 'customer', currency: 'EUR', owner: 'customer:ada', ...dry } }),
  }),
  command('/v1/accounts/batch', ['operator'], 'account', {
    ...{ there: '409 account_exists', without: ['absent', 'elsewhere'] },
    asks: ({ id, key }) => {
      const opened = { accountId: id, type: 'customer', currency: 'EUR', owner: 'customer:ada' }
      return { body: { accounts: [{ idempotencyKey: key, ...opened }] } }
    },
  }),
  account('freeze'),
  account('unfreeze', { there: '422 account_not_frozen' }),
  account('close', { there: '422 account_not_empty' }),
  account('change', { asks: () => ({ body: { name: 'Another', ...dry } }) }),
  account('flag', {
    ...{ there: '422 account_not_of_house' },
    asks: () => ({ body: { flag: 'receivesFromCustomers', value: true, ...dry } }),
  }),
  command('/v1/payments', payers, 'account', {
    ...{ all: bookers, hidden: noAccount },
    asks: ({ id, shop }) => ({ body: { postings: posting(id, shop), ...dry } }),
  }),
  command('/v1/payments', payers, 'account', {
    // To whom: anybody of the tenant.
    ...{ hidden: notPayable, without: ['own'] },
    asks: ({ id, own }) => ({ body: { postings: posting(own, id), ...dry } }),
  }),
  command('/v1/payments/batch', payers, 'account', {
    ...{ all: bookers, there: '422 insufficient_funds', hidden: noAccount },
    asks: ({ id, shop, key }) => ({
      body: { payments: [{ idempotencyKey: key, postings: posting(id, shop, '999999999') }] },
    }),
  }),
  command('/v1/payments/{paymentId}/refund', payers, 'payment', {
    // The bank, which paid it in, takes nothing from customers.
    ...{ all: bookers, there: { customer: '422 payee_not_payable', others: '200' }, hidden: '404 payment_not_found' },
    asks: () => ({ body: { reason: 'by mistake', ...dry } }),
  }),
  command('/v1/payments/{paymentId}/cancel', payers, 'payment', {
    ...{ all: bookers, there: '409 payment_not_open', hidden: '409 payment_not_open', asks: () => ({ body: {} }) },
  }),
  command('/v1/policies', finance, 'nothing', {
    asks: () => ({ body: { command: 'CloseAccount', people: 2, ...dry } }),
  }),
  command('/v1/approvals/{proposalId}/approve', deciders, 'proposal', {
    ...{ hidden: '404 proposal_not_found' },
    asks: ({ hash }) => ({ body: { hash, ...dry } }),
  }),
  command('/v1/approvals/{proposalId}/refuse', proposers, 'proposal', {
    ...{ all: deciders, hidden: '404 proposal_not_found' },
    asks: () => ({ body: { reason: 'not now', ...dry } }),
  }),
  command('/v1/ledger-zone', finance, 'nothing', { asks: () => ({ body: { zone: 'Europe/Berlin', ...dry } }) }),
  command('/v1/periods', finance, 'nothing', {
    ...{ there: '409 period_already_closed' },
    asks: () => ({ body: { through: '2020-12-31', seq: 1, digest: 'd'.repeat(43), ...dry } }),
  }),
  command('/v1/periods/{periodId}/reopen', finance, 'period', {
    ...{ hidden: '404 period_not_closed' },
    asks: () => ({ body: { reason: 'a slip', ...dry } }),
  }),
  command('/v1/periods/{periodId}/call-off', finance, 'period', {
    ...{ there: '409 period_not_closing', hidden: '409 period_not_closing' },
    asks: () => ({ body: { reason: 'a slip', ...dry } }),
  }),
  command('/v1/statements', finance, 'bank', {
    ...{ there: '409 statement_already_imported', hidden: noAccount },
    asks: ({ id }) => ({
      ...{ query: `account=${id}&dryRun=true`, body: bankStatement, contentType: 'application/xml' },
    }),
  }),
  command('/v1/statements/{statementId}/withdraw', finance, 'statement', {
    ...{ hidden: '404 statement_not_found|404 account_not_found' },
    asks: ({ bank, position }) => ({ body: { account: bank, position, reason: 'another bank', ...dry } }),
  }),
  command('/v1/payees', payers, 'account', {
    ...{ hidden: notPayable, without: ['own'] },
    asks: ({ id }) => ({ body: { alias: 'Somebody', accountId: id, ...dry } }),
  }),
  command('/v1/payees/check', ['customer'], 'account', {
    ...{ there: '201', hidden: '422 payee_not_payable', without: ['own'] },
    asks: ({ id }) => ({ body: { accountId: id, name: 'Somebody Else' } }),
  }),
  command('/v1/payees/{alias}/remove', payers, 'payee', { all: [], hidden: '404 payee_not_found' }),
  command('/v1/projections/{service}/rebuild', ['sre'], 'service', { there: begun, hidden: notFound }),
  command('/v1/projections/{service}/rollback', ['sre'], 'service', { there: begun, hidden: notFound }),
  command('/v1/parked/{parkedId}/retry', ['sre'], 'message', { hidden: notFound, asks: () => ({ body: {} }) }),
  command('/v1/parked/{parkedId}/drop', ['sre'], 'message', {
    ...{ hidden: notFound, asks: () => ({ body: { reason: 'nobody waits' } }) },
  }),
]
