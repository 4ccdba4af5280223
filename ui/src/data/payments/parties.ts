import type { Payment } from '@micropay/schemas/api/payment'

type Named = { readonly account: string; readonly name?: string | null | undefined }

/** Who stands behind some legs: the account's name or id, how many accounts, or others, whom one does not see. */
export function partyOf(legs: readonly Named[]): string {
  const accounts = new Map(legs.map(({ account, name }) => [account, name ?? account]))
  const [only, ...more] = accounts.values()
  if (only === undefined) return 'others'
  return more.length === 0 ? only : `${accounts.size} accounts`
}

/** From whom to whom money goes, as `Ada → 3 accounts`; or on whose accounts none does. */
export function partiesOf(legs: readonly (Named & Pick<Payment['legs'][number], 'amount'>)[]): string {
  if (legs.length === 0) return 'Not to be read any more'
  const [from, to] = [legs.filter(({ amount }) => amount.startsWith('-')), legs.filter(({ amount }) => isIn(amount))]
  if (from.length === 0 && to.length === 0) return `No money moved on ${partyOf(legs)}`
  return `${partyOf(from)} → ${partyOf(to)}`
}

type AgainstOne = {
  readonly counterparty: string | null
  readonly counterpartyName?: string | null | undefined
  readonly amount: string
}

/** Whom the money of an entry is against: the name or id of the one account, or why there is none. */
export function counterpartyWords({ counterparty, counterpartyName, amount }: AgainstOne): string {
  return counterpartyName ?? counterparty ?? (amount === '0' ? 'No money moved' : 'Several accounts')
}

function isIn(amount: string): boolean {
  return amount !== '0' && !amount.startsWith('-')
}
