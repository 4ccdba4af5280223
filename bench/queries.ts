import { ACCOUNTS } from './payments.ts'
import type { Service } from './processes.ts'
import { type Measure, percentilesOf } from './report.ts'
import type { ModelName } from './services.ts'

type Asked = readonly [model: ModelName, name: string, path: (index: number) => string]

const account = (index: number) => `bench:${(index * 37) % 1000}`
const day = (index: number) => new Date(Date.UTC(2025, 0, 1 + ((index * 17) % 365))).toISOString().slice(0, 10)

/** What the pages of the UI ask for, each time of another account, day or place in the ledger. */
const queriesOf = (seqOf: (index: number) => number): readonly Asked[] => [
  ['accounts', 'one account', (index) => `/v1/accounts/${account(index)}`],
  ['accounts', 'a page of accounts', (index) => `/v1/accounts?limit=200&type=${index % 2 ? 'customer' : 'external'}`],
  ['accounts', 'a statement page', (index) => `/v1/accounts/${account(index)}/entries?limit=50`],
  ['accounts', 'a statement of one month', (index) => `/v1/accounts/${account(index)}/entries?${monthOf(index)}`],
  ['accounts', 'a balance on a past day', (index) => `/v1/accounts/${account(index)}/balance?at=${day(index)}`],
  ['accounts', 'the latest payments', () => '/v1/payments?limit=50'],
  ['accounts', 'payments of an account', (index) => `/v1/payments?limit=50&account=${account(index)}`],
  ['accounts', 'payments of one month', (index) => `/v1/payments?limit=50&${monthOf(index)}`],
  ['accounts', 'payments by value date, oldest first', () => '/v1/payments?limit=50&sort=value'],
  ['accounts', 'refused payments', () => '/v1/payments?limit=50&status=rejected'],
  ['accounts', 'search: a reference', (index) => `/v1/payments?reference=invoice%20${index * 401}`],
  ['accounts', 'search: a text that nothing holds', () => '/v1/payments?text=100%25_of_it'],
  ['accounts', 'search: a text on an account', (index) => `/v1/payments?account=${account(index)}&text=voice%207`],
  ['accounts', 'search: amounts of an account', (index) => `/v1/payments?account=${account(index)}&minAmount=101`],
  ['accounts', 'search: a counterparty', (index) => `/v1/payments?account=${account(index)}&counterparty=bench:1`],
  ['accounts', 'one payment', (index) => `/v1/payments/pay-0-${seqOf(index)}`],
  ['accounts', 'saved payees', () => '/v1/payees'],
  ['reconciliation', 'trial balance now', () => '/v1/trial-balance?limit=100'],
  ['reconciliation', 'trial balance by amount', () => '/v1/trial-balance?limit=100&sort=-credit'],
  ['reconciliation', 'trial balance: a text', (index) => `/v1/trial-balance?limit=100&text=ench:${index % 1000}`],
  ['reconciliation', 'trial balance of a past day', (index) => `/v1/trial-balance?limit=100&day=${day(index)}`],
  [
    'reconciliation',
    'trial balance at a position',
    (index) => `/v1/trial-balance?limit=100&position=0:${seqOf(index)}`,
  ],
  [
    'reconciliation',
    'entries behind a figure',
    (index) => `/v1/trial-balance/${account(index)}/entries?day=${day(index)}`,
  ],
  ['reconciliation', 'chart of accounts now', () => '/v1/chart-of-accounts'],
  ['reconciliation', 'chart of accounts of a past day', (index) => `/v1/chart-of-accounts?day=${day(index)}`],
  [
    'reconciliation',
    'daily totals of a month by operation',
    (index) => `/v1/daily-totals?by=operation&${monthOf(index)}`,
  ],
  ['reconciliation', 'daily totals of a month', (index) => `/v1/daily-totals?by=none&${monthOf(index)}`],
  ['reconciliation', 'a day by account', (index) => `/v1/daily-totals?by=account&from=${day(index)}&to=${day(index)}`],
  [
    'reconciliation',
    'a day of one operation by account',
    (index) => `/v1/daily-totals?by=account&operation=salary&from=${day(index)}&to=${day(index)}`,
  ],
  [
    'reconciliation',
    'entries of one operation',
    (index) => `/v1/trial-balance/${account(index)}/entries?day=${day(index)}&operation=salary`,
  ],
  [
    'reconciliation',
    'entries of an operation that there is not',
    (index) => `/v1/trial-balance/${account(index)}/entries?operation=none%20such`,
  ],
  ['reconciliation', 'statements', () => '/v1/reconciliations?limit=50'],
  ['reconciliation', 'a statement against the ledger', () => '/v1/reconciliations/bench-1?account=bench:bank'],
  ['audit', 'a page of a replay', (index) => `/v1/audit/accounts/${account(index)}/replay?limit=20`],
  ['audit', 'a record', (index) => `/v1/audit/records/0/${seqOf(index)}`],
  ['audit', 'the record behind a payment', (index) => `/v1/audit/payments/pay-0-${seqOf(index)}`],
  ['audit', 'the access log', () => '/v1/audit/accesses?limit=50'],
]

const ASKED = 200
const WARM_UP = 20

/** Each query one after the other, `ASKED` times, after some that do not count. */
export async function benchQueries(
  services: Readonly<Record<ModelName, Service>>,
  tokens: Readonly<Record<ModelName, string>>,
  payments: number,
): Promise<Measure[]> {
  const measures: Measure[] = []
  // Behind the opening of the accounts, all over the ledger.
  const seqOf = (index: number) => ACCOUNTS + 2 + ((index * 7_919) % payments)
  for (const [model, name, pathOf] of queriesOf(seqOf)) {
    const times: number[] = []
    for (let index = 0; index < WARM_UP + ASKED; index += 1) {
      const started = performance.now()
      const answer = await fetch(`${services[model].url}${pathOf(index)}`, {
        headers: { authorization: `Bearer ${tokens[model]}` },
      })
      const text = await answer.text()
      if (answer.status !== 200) throw new Error(`${pathOf(index)}: ${answer.status} ${text}`)
      if (index >= WARM_UP) times.push(performance.now() - started)
    }
    measures.push({ name: `${model}: ${name}`, ...percentilesOf(times) })
  }
  return measures
}

function monthOf(index: number): string {
  const month = String(1 + (index % 12)).padStart(2, '0')
  return `from=2025-${month}-01&to=2025-${month}-28`
}
