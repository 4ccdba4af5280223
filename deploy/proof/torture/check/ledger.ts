import { bookCommits, type History } from './book-commits.ts'
import type { Findings } from './findings.ts'
import { type Folded, foldLog } from './fold-log.ts'
import { type Payments, paymentsIn } from './payments.ts'
import type { LogRecord } from './read-log.ts'

/** All partitions, folded and booked. */
export type Ledger = {
  readonly folded: readonly Folded[]
  readonly histories: readonly History[]
  readonly payments: Payments
}

export function ledgerOf(logs: readonly (readonly LogRecord[])[], ledgerId: string, findings: Findings): Ledger {
  const folded = logs.map((records, partition) => foldLog(records, ledgerId, partition, findings))
  const payments = paymentsIn(folded)
  return { folded, payments, histories: folded.map((each) => bookCommits(each, payments, findings)) }
}
