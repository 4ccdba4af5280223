import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { otherTokens } from '@micropay/local/issuer/other-tokens.fixture'
import { z } from 'zod'
import { type Ask, askOf } from '../access/ask.ts'
import { type Book, customers, writeBook } from '../access/book.ts'
import { type Cell, cellsOf, findingsIn } from '../access/cells.ts'
import { type ApiDocument, documentOf } from '../access/document.fixture.ts'
import { people, personOf, tenants } from '../access/people.ts'
import { rules } from '../access/rules.ts'
import { type Product, startProduct } from './product.fixture.ts'

/**
 * Every operation of /openapi.json, by everybody, about what is theirs, somebody else's, nobody's and another tenant's,
 * asked of a product that runs, against the rules of ../access/rules.ts. Commands are dry runs where there are some,
 * and nothing that they ask for comes about. Each answer has to be what the document says of it, too.
 */
const AT_A_TIME = 4
let product: Product
let ask: Ask
let book: Book
let document: ApiDocument
let stood: readonly string[]
before(async () => {
  const environment = { RATE_LIMIT_PER_SECOND: '0', ADDRESS_LIMIT_PER_SECOND: '0' }
  product = await startProduct({ environment })
  ask = askOf(product.running.url, await otherTokens(product.home, product.running.issuer))
  book = await writeBook(ask)
  document = documentOf(await (await fetch(`${product.running.url}/openapi.json`)).text())
  stood = await balances()
})
after(() => product[Symbol.asyncDispose]())

test('each operation of /openapi.json has a rule, and is open to the scopes of whom the rule says', () => {
  const named = document.operations.map(({ name }) => name)
  assert.deepEqual(named.sort(), [...new Set(rules.map(({ operation }) => operation))].sort())
  const wrong = document.operations.flatMap(({ name, scopes }) => {
    if (scopes.length === 0) return []
    const may = rules.find(({ operation }) => operation === name)?.may ?? []
    return people
      .filter(({ role, token }) => may.includes(role) !== scopes.some((scope) => token?.scopes.includes(scope)))
      .map(({ role }) => `${name} by ${role}`)
  })
  assert.deepEqual(wrong, [])
})

// Reads first: what was refused is told to auditors, too. Each person asks one thing after the other.
for (const [kind, method] of [
  ['read', 'GET'],
  ['commanded', 'POST'],
] as const) {
  describe(`what is ${kind} is answered as the rules say`, { concurrency: AT_A_TIME }, () => {
    for (const { name, role, tenant } of people) {
      test(`${kind} by ${name}, ${role} of ${tenant}`, async () => {
        const cells = cellsOf(rules, book).filter((cell) => {
          return cell.person === personOf(tenant, name) && cell.asked.method === method
        })
        assert.ok(cells.length > 50)
        assert.deepEqual(await tried(cells), [])
      })
    }
  })
}

test('nothing of it came about: every account stands as before', async () => {
  assert.deepEqual(await balances(), stood)
})

async function tried(cells: readonly Cell[]): Promise<string[]> {
  const wrong: string[] = []
  for (const cell of cells) {
    const answer = await ask(cell.person, cell.asked, cell.asked.method === 'GET' ? book.position : undefined)
    const found = [...findingsIn(cell, answer), ...document.faultsOf(cell.operation, answer)]
    wrong.push(...found.map((finding) => `${cell.title}: ${finding}`))
  }
  return wrong
}

/** What staff see of all accounts of both tenants, at a position behind all that was decided. */
async function balances(): Promise<string[]> {
  const pages = tenants.map(async (tenant) => {
    const olga = personOf(tenant, 'olga')
    // One more record, which moves nothing, tells where the ledger stands.
    const path = `/v1/accounts/ada-${tenant}/change`
    const { headers } = await ask(olga, { method: 'POST', path, body: { ownerReference: 'looked at' } })
    const list = await ask(olga, { method: 'GET', path: '/v1/accounts' }, headers.get('position') ?? '')
    const { items } = Accounts.parse(JSON.parse(list.text))
    assert.ok(items.length >= 2 + customers.length)
    return items.map((account) => `${tenant} ${Object.values(account).join(' ')}`)
  })
  return (await Promise.all(pages)).flat()
}
const Accounts = z.object({
  items: z.array(
    z.object({ accountId: z.string(), status: z.string(), balance: z.string(), name: z.string().nullable() }),
  ),
})
