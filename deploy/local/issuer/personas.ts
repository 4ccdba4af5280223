import type { Scope } from '@micropay/schemas/api/token'

export { developmentSecret } from '@micropay/sdk/development-secret'

export type Persona = {
  /** What one signs in as; also a client id of the development issuer's client_credentials grant. */
  readonly id: string
  readonly subject: string
  readonly name: string
  readonly role: 'customer' | 'finance' | 'auditor' | 'sre' | 'operator'
  /** What the sign-in page says that this person does here. */
  readonly does: string
  readonly scopes: readonly Scope[]
}

const financeScopes = [
  ...(['reconciliation:read', 'reconciliation:operate', 'periods:close', 'approvals:decide', 'policies:set'] as const),
  ...(['accounts:read:any', 'platform:read'] as const),
] satisfies Scope[]
const operatorScopes = [
  ...(['accounts:manage', 'payments:book', 'approvals:decide', 'accounts:read:any', 'platform:read'] as const),
] satisfies Scope[]

/**
 * The people of the embedded default: whom the development issuer signs tokens for. Plain data, for the seed, the CLI
 * and the tests.
 */
export const personas = [
  {
    id: 'ada',
    subject: 'customer:ada',
    name: 'Ada Lovelace',
    role: 'customer',
    does: 'sees her accounts and sends money',
    scopes: ['accounts:read', 'payments:make'],
  },
  {
    id: 'ben',
    subject: 'customer:ben',
    name: 'Ben Franklin',
    role: 'customer',
    does: 'sees his accounts and sends money',
    scopes: ['accounts:read', 'payments:make'],
  },
  {
    id: 'fiona',
    subject: 'finance:fiona',
    name: 'Fiona Ledger',
    role: 'finance',
    does: 'reconciles accounts and closes the books',
    scopes: financeScopes,
  },
  {
    id: 'frank',
    subject: 'finance:frank',
    name: 'Frank Pacioli',
    role: 'finance',
    does: 'reconciles accounts and closes the books',
    scopes: financeScopes,
  },
  {
    id: 'vera',
    subject: 'auditor:vera',
    name: 'Vera Proof',
    role: 'auditor',
    does: 'replays and proves the history',
    scopes: ['audit:read', 'accounts:read:any', 'platform:read', 'platform:verify'],
  },
  {
    id: 'sam',
    subject: 'sre:sam',
    name: 'Sam Uptime',
    role: 'sre',
    does: 'watches and rebuilds the read models',
    scopes: ['platform:read', 'platform:operate', 'platform:verify'],
  },
  {
    id: 'olga',
    subject: 'operator:olga',
    name: 'Olga Teller',
    role: 'operator',
    does: 'opens accounts and books deposits',
    scopes: operatorScopes,
  },
  {
    id: 'otto',
    subject: 'operator:otto',
    name: 'Otto Teller',
    role: 'operator',
    does: 'opens accounts and books deposits',
    scopes: operatorScopes,
  },
] as const satisfies readonly Persona[]

export type PersonaId = (typeof personas)[number]['id']

/** Clients of the client_credentials grant that are not personas, and whom they act for. */
export const scriptClients: Readonly<Record<string, PersonaId>> = { cli: 'olga' }

export function personaOf(id: string): Persona | undefined {
  return personas.find((persona) => persona.id === id)
}
