import { AccountId } from '@micropay/schemas/identifiers'
import { partitionOf } from '@micropay/schemas/placement'
import { PARTITIONS } from './partitions.ts'

export type Currency = 'EUR' | 'USD'

/** Accounts that everybody knows of, opened before anything else. */
export type KnownAccount = {
  readonly id: AccountId
  readonly partition: number
  readonly currency: Currency
  /** `bank` may go below zero without end; what is on a `purse` comes and goes, so it may be closed. */
  readonly kind: 'bank' | 'customer' | 'purse' | 'probe'
  readonly overdraftLimit: string
}

const PURSES = 3
const each = <Item>(count: number, make: (index: number) => Item) => Array.from({ length: count }, (_, at) => make(at))

export const knownAccounts: readonly KnownAccount[] = each(PARTITIONS, (partition) => [
  accountOn(partition, 'bank', 'bank', 'EUR'),
  accountOn(partition, 'dollars', 'bank', 'USD'),
  accountOn(partition, 'ada', 'customer', 'EUR'),
  accountOn(partition, 'ben', 'customer', 'EUR', '150'),
  accountOn(partition, 'uma', 'customer', 'USD'),
  accountOn(partition, 'probe', 'probe', 'EUR'),
  ...each(PURSES, (index) => accountOn(partition, `purse${index}`, 'purse', 'EUR')),
]).flat()

function accountOn(
  partition: number,
  name: string,
  kind: KnownAccount['kind'],
  currency: Currency,
  overdraftLimit = '0',
): KnownAccount {
  return { id: idOn(partition, name), partition, kind, currency, overdraftLimit }
}

/** An account of that name on a partition. */
export function idOn(partition: number, name: string): AccountId {
  for (let tag = 0; ; tag += 1) {
    const id = `{${tag}}${name}`
    if (partitionOf(id, PARTITIONS) === partition) return AccountId.parse(id)
  }
}
