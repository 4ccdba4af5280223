import { systemClock } from '@micropay/runtime/clock'
import type { Book, Customer, Things } from './book.ts'
import { customers } from './book.ts'
import { type Person, type Tenant, tenants } from './people.ts'

/** Whose it is, seen from who asks: `elsewhere` is the same person's of the other tenant. */
export const targets = ['own', 'other', 'absent', 'elsewhere'] as const
type Target = (typeof targets)[number]

/** What a request is about, and what else it may have to name. */
export type Subject = {
  readonly kind: Kind
  readonly target: Target
  /** Of a path's parameters one after the other, between them `/`. */
  readonly id: string
  /** An account of who asks, or that somebody books from who has none. */
  readonly own: string
  readonly shop: string
  /** The account that a statement belongs to. */
  readonly bank: string
  /** Where that statement stands. */
  readonly position: string
  readonly hash: string
  readonly key: string
}

const ofCustomers = ['account', 'payment', 'proposal', 'payee'] as const
const ofHouse = ['bank', 'statement', 'period', 'record'] as const
/** Of the platform and not of a tenant; a message that is parked there is none on a ledger of one partition. */
const ofPlatform = { partition: '0', service: 'audit', message: undefined } as const
export type Kind = (typeof ofCustomers)[number] | (typeof ofHouse)[number] | keyof typeof ofPlatform | 'nothing'

const absent: Readonly<Record<Exclude<Kind, 'nothing'>, string>> = {
  ...{ account: 'nobodys', payment: 'pay-0-999999', proposal: 'prp-0-999999', payee: 'Nobody', bank: 'nobodys' },
  ...{ statement: 'none', period: 'prd-0-999999', record: '0/999999', partition: '7', service: 'nothing' },
  message: '0-none',
}

/** The customer whose things are somebody's own: staff, who have none, ask about those of ada. */
export function customerOf({ name }: Person): Customer {
  return customers.find((customer) => customer === name) ?? 'ada'
}

export function otherTenant(tenant: Tenant): Tenant {
  return tenants.find((one) => one !== tenant) ?? tenant
}

/** Each thing of a kind that somebody can ask about. */
export function subjectsOf(kind: Kind, person: Person, book: Book): readonly Subject[] {
  const [here, there] = [book.things[person.tenant], book.things[otherTenant(person.tenant)]]
  const me = customerOf(person)
  const other = customers.find((customer) => customer !== me) ?? me
  const found = idsOf(kind, { here, there, me, other })
  return targets.flatMap((target) => {
    const id = found[target]
    if (id === undefined) return []
    const { bank, imported: position } = target === 'elsewhere' ? there : here
    const named = { own: here.account[me], shop: `shop-${person.tenant}`, bank, position }
    const hash = book.hashes.get(id) ?? 'h'.repeat(43)
    return [{ kind, target, id, ...named, hash, key: systemClock.randomId() }]
  })
}

type From = { readonly here: Things; readonly there: Things; readonly me: Customer; readonly other: Customer }

function idsOf(kind: Kind, { here, there, me, other }: From): Partial<Record<Target, string>> {
  switch (kind) {
    case 'nothing':
      return { own: '' }
    case 'account':
    case 'payment':
    case 'proposal':
    case 'payee':
      return { own: here[kind][me], other: here[kind][other], absent: absent[kind], elsewhere: there[kind][me] }
    case 'bank':
    case 'statement':
    case 'period':
    case 'record':
      return { own: here[kind], absent: absent[kind], elsewhere: there[kind] }
    case 'partition':
    case 'service':
      return { own: ofPlatform[kind], absent: absent[kind] }
    case 'message':
      return { absent: absent[kind] }
  }
}
