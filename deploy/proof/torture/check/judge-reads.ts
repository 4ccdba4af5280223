import type { Findings } from './findings.ts'
import type { Ledger } from './ledger.ts'
import { homeOf, positionsIn } from './placement.ts'
import type { Read } from './read-journal.ts'

/** All clients are of this one. */
const tenant = 'main'

/** Each balance against the log, at the position that the answer says it reflects. */
export function judgeReads(ledger: Ledger, reads: readonly Read[], findings: Findings): void {
  for (const { accountId, atLeast, status, position, balance, stale } of reads) {
    if (status !== 200) continue
    const home = homeOf(accountId, ledger.folded.length)
    const seqOf = (text: string | undefined) => positionsIn(text).find(({ partition }) => partition === home)?.seq
    const seq = seqOf(position)
    if (seq === undefined || balance === undefined) {
      findings.add('wrong reads', `${accountId}: no position or no balance`)
      continue
    }
    if (seq < (seqOf(atLeast) ?? 0) && stale !== true) {
      findings.add('wrong reads', `${accountId}: as of ${position}, at least ${atLeast} was asked for`)
    }
    const expected = ledger.histories[home]?.balanceAt(tenant, accountId, seq)
    if (BigInt(balance) !== expected) {
      findings.add('wrong reads', `${accountId} as of ${position}: ${balance}, and the log says ${expected}`)
    }
  }
}
