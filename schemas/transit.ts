/**
 * The account of a partition that says what is on its way between it and another one, in one currency: what left for
 * there stands on it until that one says that it came. No id that somebody chooses has a slash.
 */
export function transitId(partition: number, currency: string): string {
  return `transit/${partition}/${currency}`
}

const pattern = /^transit\/(?<partition>0|[1-9][0-9]{0,3})\/(?<currency>[A-Z]{3})$/

export function isTransitId(accountId: string): boolean {
  return accountId.startsWith('transit/') && pattern.test(accountId)
}

/** What stands on a transit account is of this currency; undefined of any other account. */
export function transitCurrencyOf(accountId: string): string | undefined {
  return accountId.startsWith('transit/') ? pattern.exec(accountId)?.groups?.currency : undefined
}

/** The other partition that a transit account is about; undefined of any other account. */
export function transitPartnerOf(accountId: string): number | undefined {
  const partition = accountId.startsWith('transit/') ? pattern.exec(accountId)?.groups?.partition : undefined
  return partition === undefined ? undefined : Number(partition)
}
