import { otherTokens } from '@micropay/local/issuer/other-tokens.fixture'
import { pythonWith } from '@micropay/local/stores/python-packages.fixture'
import { askOf } from '../access/ask.ts'
import { writeBook } from '../access/book.ts'
import { type Person, people } from '../access/people.ts'
import { startProduct } from '../e2e/product.fixture.ts'
import { schemathesis, type Trial, type Tried, tryPersona } from './try-persona.ts'

/** Whom schemathesis asks as: one of each role, and another customer is like the first. */
export const tried: readonly Person[] = people.filter(({ tenant, name, token }) => {
  return tenant === 'acme' && token !== undefined && name !== 'ben'
})

export type TriedAs = Tried & { readonly person: Person }

/** Has schemathesis ask a product of its own as each of them, two at a time. */
export async function tryAll(
  persons: readonly Person[],
  drawn: Pick<Trial, 'cases' | 'seed' | 'boundaries'>,
): Promise<TriedAs[]> {
  const python = await pythonWith(schemathesis.replace('==', '-'), [schemathesis])
  // Limits are another test's: here they would answer in the product's stead.
  await using product = await startProduct({
    environment: { RATE_LIMIT_PER_SECOND: '0', ADDRESS_LIMIT_PER_SECOND: '0' },
  })
  const { url, issuer } = product.running
  const sign = await otherTokens(product.home, issuer)
  await writeBook(askOf(url, sign))
  const document = await (await fetch(`${url}/openapi.json`)).text()
  const outcomes: TriedAs[] = []
  const left = [...persons]
  const askOn = async () => {
    for (let person = left.shift(); person?.token; person = left.shift()) {
      const token = await sign(person.token)
      outcomes.push({ person, ...(await tryPersona({ python, url, document, token, ...drawn })) })
    }
  }
  await Promise.all([askOn(), askOn()])
  return outcomes
}
