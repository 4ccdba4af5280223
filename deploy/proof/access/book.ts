import assert from 'node:assert/strict'
import { z } from 'zod'
import { bankStatement } from '../e2e/bank-statement.fixture.ts'
import type { Ask, Asked } from './ask.ts'
import { personOf, type Tenant, tenants } from './people.ts'

/** What stands in names and references of one customer, or of the house of a tenant, and nowhere else. */
export const markOf = (tenant: Tenant, owner: Owner) => `mark.${tenant}.${owner}`

export const customers = ['ada', 'ben'] as const
export type Customer = (typeof customers)[number]
export type Owner = Customer | 'house'

/** What one tenant has of each kind: of each customer where customers have some, else of the house. */
export type Things = {
  readonly account: Readonly<Record<Customer, string>>
  readonly payment: Readonly<Record<Customer, string>>
  readonly proposal: Readonly<Record<Customer, string>>
  readonly payee: Readonly<Record<Customer, string>>
  readonly bank: string
  readonly statement: string
  /** The position of that statement. */
  readonly imported: string
  readonly period: string
  /** A place of the ledger, as `0/17`. */
  readonly record: string
}
export type Book = {
  readonly things: Readonly<Record<Tenant, Things>>
  /** The hash that an approval of each proposal names, by its id. */
  readonly hashes: ReadonlyMap<string, string>
  /** Behind all of it. */
  readonly position: string
}

const Told = z.looseObject({
  paymentId: z.string().nullish(),
  proposalId: z.string().nullish(),
  periodId: z.string().nullish(),
  statementId: z.string().nullish(),
  hash: z.string().optional(),
})
const Checklist = z.object({ seq: z.int(), digest: z.string() })

/** Writes the same small book for each tenant through the API, as its people do. */
export async function writeBook(ask: Ask): Promise<Book> {
  let position = ''
  const hashes = new Map<string, string>()
  const things = async (tenant: Tenant): Promise<Things> => {
    const as = async (name: string, asked: Asked) => {
      const answer = await ask(personOf(tenant, name), asked, asked.method === 'GET' ? position : undefined)
      assert.ok(answer.status < 300, `${name} of ${tenant}, ${asked.path}: ${answer.status} ${answer.text}`)
      position = answer.headers.get('position') ?? position
      const told: unknown = JSON.parse(answer.text)
      return { told, place: position.replace(':', '/') }
    }
    const post = async (name: string, path: string, body: unknown, contentType?: string) => {
      const asked = { method: 'POST', path, body, ...(contentType ? { contentType } : {}) }
      const { told, place } = await as(name, asked)
      return { ...Told.parse(told), place }
    }
    const open = (owner: Owner, id: string, more: Readonly<Record<string, unknown>>) => {
      const named = { accountId: `${id}-${tenant}`, currency: 'EUR', name: markOf(tenant, owner) }
      return post('olga', '/v1/accounts', { ...named, ...more })
    }
    await open('house', 'bank', { type: 'external', owner: 'house' })
    await open('house', 'shop', { type: 'internal', owner: 'house' })
    const flag = { flag: 'receivesFromCustomers', value: true }
    await post('olga', `/v1/accounts/shop-${tenant}/flag`, flag)
    await post('fiona', '/v1/policies', {
      command: 'MakePayment',
      people: 2,
      above: { amount: '5000', currency: 'EUR' },
    })

    const own = async (customer: Customer) => {
      const opened = await open(customer, customer, { type: 'customer', owner: `customer:${customer}` })
      const reference = markOf(tenant, customer)
      const move = (from: string, to: string, amount: string) => {
        return { postings: [{ from: `${from}-${tenant}`, to: `${to}-${tenant}`, amount, currency: 'EUR' }], reference }
      }
      await post('olga', '/v1/payments', move('bank', customer, '5000'))
      const paid = await post('olga', '/v1/payments', move('bank', customer, '5000'))
      const asked = await post(customer, '/v1/payments', move(customer, 'shop', '5001'))
      await post(customer, '/v1/payees', { alias: reference, accountId: `shop-${tenant}` })
      hashes.set(asked.proposalId ?? '', asked.hash ?? '')
      return { opened, payment: paid.paymentId ?? '', proposal: asked.proposalId ?? '' }
    }
    const [ada, ben] = [await own('ada'), await own('ben')]
    const statement = await post('fiona', `/v1/statements?account=bank-${tenant}`, bankStatement, 'application/xml')
    const through = '2020-12-31'
    const { told } = await as('fiona', { method: 'GET', path: `/v1/periods/checklist?through=${through}` })
    const period = await post('fiona', '/v1/periods', { through, ...Checklist.parse(told) })
    return {
      account: { ada: `ada-${tenant}`, ben: `ben-${tenant}` },
      payment: { ada: ada.payment, ben: ben.payment },
      proposal: { ada: ada.proposal, ben: ben.proposal },
      payee: { ada: markOf(tenant, 'ada'), ben: markOf(tenant, 'ben') },
      ...{ bank: `bank-${tenant}`, period: period.periodId ?? '' },
      ...{ statement: statement.statementId ?? '', imported: statement.place.replace('/', ':') },
      record: ada.opened.place,
    }
  }
  const [acme, umbra] = [await things(tenants[0]), await things(tenants[1])]
  return { things: { acme, umbra }, hashes, position }
}
