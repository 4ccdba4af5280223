import { partitionOf } from '@micropay/schemas/placement'
import { ACCOUNTS, type Posting } from './payments.ts'

/** Which accounts a payment goes between: of one partition, or of two. */
export type Placed = 'inside' | 'across'

/**
 * Payments between the accounts of a ledger of so many partitions, spread over all of them. Two ledgers of unlike
 * numbers take the same payments where both are placed by the larger one; with one partition each is inside.
 */
export function placedPostings(placed: Placed, partitions: number): (index: number) => Posting {
  const byPartition = Array.from({ length: partitions }, (): string[] => [])
  for (let index = 0; index < ACCOUNTS; index += 1) {
    const id = `bench:${index}`
    byPartition[partitionOf(id, partitions)]?.push(id)
  }
  const smallest = Math.min(...byPartition.map(({ length }) => length))
  if (smallest < 2) throw new Error(`${ACCOUNTS} accounts are too few for payments inside each of ${partitions}`)
  const accountOf = (partition: number, nth: number) => {
    const accounts = byPartition[partition % partitions] ?? []
    return accounts[nth % accounts.length] ?? ''
  }
  return (index) => {
    const [partition, nth] = [index % partitions, Math.floor(index / partitions)]
    const apart = placed === 'across' && partitions > 1 ? 1 + (nth % (partitions - 1)) : 0
    const [from, to] = [accountOf(partition, nth), accountOf(partition + apart, nth + 1)]
    return { from, to, amount: '100', currency: 'EUR' }
  }
}
