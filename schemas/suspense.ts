/**
 * The account of a partition, in one currency, for what it cannot give to whom it was meant for, nor take back: a
 * payment that it has posted and that is gone where it was decided, or one for an account that is closed. Staff settle
 * it by ordinary payments. No id that somebody chooses has a slash.
 */
export function suspenseId(partition: number, currency: string): string {
  return `suspense/${partition}/${currency}`
}

const pattern = /^suspense\/(?<partition>0|[1-9][0-9]{0,3})\/(?<currency>[A-Z]{3})$/

/** The partition that a suspense account lives on, and its currency; undefined of any other account. */
export function suspenseOf(accountId: string): { readonly partition: number; readonly currency: string } | undefined {
  const { partition, currency } = accountId.startsWith('suspense/') ? (pattern.exec(accountId)?.groups ?? {}) : {}
  return partition === undefined || currency === undefined ? undefined : { partition: Number(partition), currency }
}

export function isSuspenseId(accountId: string): boolean {
  return accountId.startsWith('suspense/') && pattern.test(accountId)
}

/** Whose suspense accounts are: nobody's in particular, and the house settles what stands there. */
export const SUSPENSE_OWNER = 'house:suspense'
