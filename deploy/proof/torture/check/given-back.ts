import { type Amounts, type Books, movedBy } from './books.ts'
import type { Commit } from './commit.ts'
import type { Findings } from './findings.ts'
import type { Leg } from './read-journal.ts'

/** Takes from what is left of a payment what a refund of it gives back, or will: never more than there is. */
export function giveBack(commit: Pick<Commit, 'seq' | 'reverses'>, legs: readonly Leg[], books: Books, to: Findings) {
  const { seq, reverses } = commit
  if (!reverses) return
  const wrong = (what: string) => to.add('given back too much', `seq ${books.partition}:${seq}: ${what}`)
  const left = books.left.get(reverses.paymentId)
  if (!left) return wrong(`${reverses.paymentId} is no payment`)
  for (const [id, amount] of movedBy(legs)) {
    const [before, after] = [left.get(id) ?? 0n, (left.get(id) ?? 0n) + amount]
    left.set(id, after)
    // It goes back towards zero, and never past it.
    const isWithin = before < 0n ? before <= after && after <= 0n : 0n <= after && after <= before
    if (!isWithin) wrong(`${id} had ${before} left of ${reverses.paymentId}`)
  }
  const isAll = [...left.values()].every((minor) => minor === 0n)
  if (isAll !== reverses.whole) wrong(`said to be whole: ${reverses.whole}`)
}

/** A refund that failed gave nothing back. */
export function restore(paymentId: string, legs: readonly Leg[], { left }: Books): void {
  const of = left.get(paymentId)
  for (const [id, amount] of movedBy(legs)) of?.set(id, (of.get(id) ?? 0n) - amount)
}

/** What a refund of so much moves, or of all that is left; an amount is of a payment between two. */
export function wouldGiveBack(left: Amounts | undefined, amount: string | undefined): Leg[] {
  const open = [...(left ?? [])].filter(([, minor]) => minor !== 0n)
  return open.map(([account, minor]) => {
    const back = amount === undefined ? -minor : minor > 0n ? -BigInt(amount) : BigInt(amount)
    return { account, amount: back.toString(), currency: '' }
  })
}

export function leftMinor(left: Amounts): bigint {
  return [...left.values()].reduce((sum, minor) => (minor > 0n ? sum + minor : sum), 0n)
}
