import type { OtherToken } from '@micropay/local/issuer/other-tokens.fixture'
import { personas } from '@micropay/local/issuer/personas'

/** Two tenants in which everybody is called the same, so that only the tenant of a token tells them apart. */
export const tenants = ['acme', 'umbra'] as const
export type Tenant = (typeof tenants)[number]

export const roles = ['customer', 'operator', 'finance', 'auditor', 'sre', 'machine', 'unscoped', 'anonymous'] as const
export type Role = (typeof roles)[number]

export type Person = {
  readonly name: string
  readonly role: Role
  readonly tenant: Tenant
  /** Undefined for who comes without a token. */
  readonly token: OtherToken | undefined
}

const ofPersonas = ['ada', 'ben', 'olga', 'fiona', 'vera', 'sam'] as const

/** Who tries everything, in each tenant: one of each role, another customer, a program, and two who may nothing. */
export const people: readonly Person[] = tenants.flatMap((tenant) => [
  ...personas
    .filter(({ id }) => ofPersonas.some((name) => name === id))
    .map(({ id, role, subject, scopes }): Person => {
      return { name: id, role, tenant, token: { subject, client: 'matrix', tenant, scopes } }
    }),
  tokenOf('importer', 'machine', tenant, ['payments:book']),
  tokenOf('uma', 'unscoped', tenant, []),
  { name: 'nobody', role: 'anonymous', tenant, token: undefined },
])

function tokenOf(name: string, role: Role, tenant: Tenant, scopes: readonly string[]): Person {
  return { name, role, tenant, token: { subject: `${role}:${name}`, client: name, tenant, scopes } }
}

export function personOf(tenant: Tenant, name: string): Person {
  const found = people.find((person) => person.tenant === tenant && person.name === name)
  if (!found) throw new RangeError(`there is no ${name} of ${tenant}`)
  return found
}
