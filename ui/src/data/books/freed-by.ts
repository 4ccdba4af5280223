import type { Reconciliation } from '@micropay/schemas/api/reconciliation'

type Told = Pick<Reconciliation, 'accountId' | 'iban' | 'from' | 'to' | 'items'>

/**
 * What the withdrawal of a statement would do, in sentences: what is open again, which days nobody tells of, and what
 * its file can be imported for. `isLast`: no other statement of the account stands; undefined while that is not known.
 */
export function freedBy({ accountId, iban, from, to, items }: Told, isLast: boolean | undefined): readonly string[] {
  const matched = items.flatMap(({ kind, entries }) => (kind === 'matched' ? entries : [])).length
  const days = from === to ? from : `${from} to ${to}`
  return [
    openAgain(matched),
    `No statement tells of ${days} then, unless another one of ${accountId} does.`,
    ...(isLast ? [`No other statement of ${accountId} stands, so ${iban} can be that of another account.`] : []),
    'The file can be imported again, for this account or for another one.',
  ]
}

function openAgain(matched: number): string {
  if (matched === 0) return 'No entry is matched with it.'
  const [entries, become] = matched === 1 ? ['entry', 'becomes'] : ['entries', 'become']
  return `${matched} matched ${entries} ${become} open again, unless another statement has a line of that amount.`
}
