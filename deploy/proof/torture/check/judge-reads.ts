import type { Findings } from './findings.ts'
import type { Ledger } from './fold-log.ts'
import type { Read } from './read-journal.ts'

/** All clients are of this one. */
const tenant = 'main'

/** Each balance against the log, at the position that the answer says it reflects. */
export function judgeReads(ledger: Ledger, reads: readonly Read[], findings: Findings): void {
  for (const { accountId, atLeast, status, position, balance, stale } of reads) {
    if (status !== 200) continue
    const seq = seqOf(position)
    if (seq === undefined || balance === undefined) {
      findings.add('wrong reads', `${accountId}: no position or no balance`)
      continue
    }
    if (seq < (seqOf(atLeast) ?? 0) && stale !== true) {
      findings.add('wrong reads', `${accountId}: as of ${position}, at least ${atLeast} was asked for`)
    }
    const expected = ledger.balanceAt(tenant, accountId, seq)
    if (BigInt(balance) !== expected) {
      findings.add('wrong reads', `${accountId} as of ${position}: ${balance}, and the log says ${expected}`)
    }
  }
}

function seqOf(position: string | undefined): number | undefined {
  const seq = /^0:([0-9]+)$/.exec(position ?? '')?.[1]
  return seq === undefined ? undefined : Number(seq)
}
