import { type Books, movedBy, passing, stopped, sumsOf, unlike } from './books.ts'
import type { Findings } from './findings.ts'
import type { Leg } from './read-journal.ts'

/** What is moved, or promised: against what stands there now. `where` is the commit's position. */
export function judgeMoved(legs: readonly Leg[], where: string, books: Books, findings: Findings): void {
  for (const id of passing(legs, books)) findings.add('limits passed', `${where}: ${id} by ${movedBy(legs).get(id)}`)
  for (const id of unlike(legs, books)) findings.add('assertions passed', `${where}: ${id}`)
  for (const id of stopped(legs, books)) findings.add('frozen accounts moved', `${where}: ${id}`)
}

export function judgeSum(legs: readonly Leg[], where: string, findings: Findings): void {
  for (const [currency, sum] of sumsOf(legs)) {
    if (sum !== 0n) findings.add('money from nowhere', `${where}: ${sum} minor units of ${currency}`)
  }
}

/** Whether there is what a code says. */
export function judgeReason(
  code: string | undefined,
  legs: readonly Leg[],
  books: Books,
  wrong: (why: string) => void,
): void {
  if (code === 'insufficient_funds' && passing(legs, books).length === 0) wrong('nobody would have passed a limit')
  if (code === 'assertion_failed' && unlike(legs, books).length === 0) wrong('every balance is what it was said to be')
  if (code === 'account_frozen' && stopped(legs, books).length === 0) wrong('nobody is frozen that way')
}
