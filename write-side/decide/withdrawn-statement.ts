import assert from 'node:assert/strict'
import type { StatementWithdrawalDecided } from '@micropay/schemas/api/statement'
import { type AccountId, placeOfId } from '@micropay/schemas/identifiers'
import { formatPosition, type Position, parsePosition } from '@micropay/schemas/position'
import { accountKey, putChanged, visibleAccount } from './account.ts'
import {
  accepted,
  type CommandRule,
  type Decision,
  type DecisionFacts,
  type Folds,
  type LedgerView,
  put,
  rejected,
} from './ledger.ts'
import { importedStatements, standingStatements } from './statement.ts'

/** `position` is where it was imported: several statements of an account may have one id. */
type Withdrawing = {
  readonly accountId: AccountId
  readonly statementId: string
  readonly position: string
  readonly reason: string
}

export const withdrawnStatementCommands = {
  WithdrawStatement: {
    place: ({ accountId }) => accountId,
    decide: decideWithdrawStatement,
    answer: ({ accountId, statementId, position }, { decidedAt }) => ({
      ...{ accountId, statementId, position, decidedAt },
    }),
  } satisfies CommandRule<Withdrawing, object, StatementWithdrawalDecided>,
}

export const withdrawnStatementEvents: Folds<'StatementWithdrawn'> = {
  StatementWithdrawn({ accountId, position }, ledger, commit) {
    const account = accountKey(commit.tenant, accountId)
    const key = { account, seq: placeIn(position).seq }
    const imported = ledger.read(importedStatements, key)
    assert(imported, `the statement that was withdrawn at ${commit.seq} was never imported`)
    const left = (ledger.read(standingStatements, account) ?? 0) - 1
    return [
      put(importedStatements, key, { ...imported, withdrawn: commit.seq }),
      put(standingStatements, account, left),
      // The last of them takes the bank account's number along.
      ...(left > 0 ? [] : [putChanged(ledger, commit.tenant, accountId, ({ iban: _, ...without }) => without)]),
    ]
  },
}

/**
 * A statement that counts no more: its content can be imported again, here or elsewhere, and its bank account by
 * another account once none of this one stands. Whether its days are closed does not matter: what was sealed is the
 * ledger.
 */
function decideWithdrawStatement(data: Withdrawing, ledger: LedgerView, facts: DecisionFacts): Decision {
  const { accountId, statementId, position, reason } = data
  const account = visibleAccount(ledger, accountId, facts)
  if (!account) return rejected('account_not_found', `there is no account ${accountId}`)
  const here = placeOfId(facts.paymentId).partition
  const { partition, seq } = placeIn(position)
  const key = { account: accountKey(facts.tenant, accountId), seq }
  const imported = partition === here ? ledger.read(importedStatements, key) : undefined
  if (imported?.statementId !== statementId) {
    const detail = `no statement ${statementId} of ${accountId} was imported at ${position}`
    return rejected('statement_not_found', detail, '/position')
  }
  if (imported.withdrawn !== undefined) {
    const at = formatPosition({ partition, seq: imported.withdrawn })
    const detail = `the statement ${statementId} of ${accountId} was withdrawn before, at ${at}`
    return rejected('statement_withdrawn', detail)
  }
  const personal = { form: 'plain' as const, data: { reason } }
  return accepted({ type: 'StatementWithdrawn', version: 1, data: { accountId, statementId, position, personal } })
}

function placeIn(position: string): Position {
  const place = parsePosition(position)
  assert(place, `${position} is no position`)
  return place
}
