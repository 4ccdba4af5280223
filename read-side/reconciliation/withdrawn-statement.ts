import type { BankStatementRow, StatementWithdrawalRow } from '@micropay/projections/reconciliation/tables'
import type { Reconciliation, ReconciliationItem, StatementWithdrawal } from '@micropay/schemas/api/reconciliation'
import { ProposalId } from '@micropay/schemas/identifiers'
import { formatPosition } from '@micropay/schemas/position'
import { reconciliationOf } from './reconcile.ts'
import { shownLine } from './statement-line.ts'

/** A statement that counts no more: what the bank told, and who withdrew it and why. Pure. */
export function withdrawnStatement(
  statement: BankStatementRow,
  withdrawal: StatementWithdrawalRow,
  balances: ReadonlyMap<string, bigint>,
): Reconciliation {
  const items = statement.lines.map(
    (line, index): ReconciliationItem => ({
      kind: 'withdrawn',
      ...{ lineNumber: index + 1, detailNumber: null, line: shownLine(line), bankAmount: line.amount },
      ...{ matchedBy: null, entry: null, entries: [], repeats: null },
    }),
  )
  const balance = balances.get(statement.to_day) ?? 0n
  return { ...reconciliationOf(statement, undefined, balance, items), withdrawn: shown(withdrawal) }
}

function shown({
  partition,
  seq,
  decided_at,
  actor,
  approved_by,
  reason,
  proposal_id,
}: StatementWithdrawalRow): StatementWithdrawal {
  return {
    position: formatPosition({ partition, seq: Number(seq) }),
    ...{ at: decided_at.toISOString(), by: actor, approvedBy: approved_by, reason },
    proposalId: proposal_id === null ? null : ProposalId.parse(proposal_id),
  }
}
