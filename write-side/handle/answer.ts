import assert from 'node:assert/strict'
import type { AccountDecided } from '@micropay/schemas/api/account'
import type { PaymentAccepted } from '@micropay/schemas/api/payment'
import { type StatementAccepted, sumsOf } from '@micropay/schemas/api/statement'
import { paymentIdAt } from '@micropay/schemas/identifiers'
import type { ImportedStatement } from '@micropay/schemas/log/event'
import type { AccountState, LedgerCommand } from '../decide/ledger.ts'
import type { KeyEntry } from '../state/partition-state.ts'
import type { CommandAnswer, CommandRequest, CommandResult } from './command.ts'

/** The answer to a command that is in the ledger: the same when it is decided and whenever it is replayed. */
export function answerOf(
  request: CommandRequest,
  entry: KeyEntry,
  partition: number,
  replayed: boolean,
): CommandResult {
  const position = { partition, seq: entry.seq }
  if (entry.rejection) return { kind: 'rejected', position, replayed, rejection: entry.rejection }
  return { kind: 'accepted', position, replayed, answer: acceptedAnswer(request.command, entry, partition) }
}

/** What a dry run answers: the same shape, with no position and no payment id, for it is nowhere in the ledger. */
export function dryRunAnswer(command: LedgerCommand, entry: KeyEntry, partition: number): CommandAnswer {
  const answer = acceptedAnswer(command, entry, partition)
  return 'paymentId' in answer ? { ...answer, paymentId: null } : answer
}

function acceptedAnswer(command: LedgerCommand, entry: KeyEntry, partition: number): CommandAnswer {
  if (command.type === 'MakePayment') {
    assert(entry.paymentKind, 'an accepted payment has a kind')
    const { postings, reference, description, metadata } = command.data
    const answer: PaymentAccepted = {
      paymentId: paymentIdAt(partition, entry.seq),
      status: 'posted',
      kind: entry.paymentKind,
      postings,
      effectiveAt:
        command.data.effectiveAt === undefined ? entry.decidedAt : new Date(command.data.effectiveAt).toISOString(),
      decidedAt: entry.decidedAt,
    }
    if (reference !== undefined) answer.reference = reference
    if (description !== undefined) answer.description = description
    if (metadata !== undefined) answer.metadata = metadata
    return answer
  }
  if (command.type === 'ImportStatement') return statementAccepted(command.data, entry.decidedAt)
  if (command.type === 'SavePayee' || command.type === 'RemovePayee') {
    const status = command.type === 'SavePayee' ? 'saved' : 'removed'
    return { alias: command.data.alias, status, decidedAt: entry.decidedAt }
  }
  assert(entry.account, 'an accepted account command leaves an account')
  return accountDecided(entry.account, entry.decidedAt)
}

function statementAccepted(statement: ImportedStatement, decidedAt: string): StatementAccepted {
  const { lines, ...head } = statement
  const { credits, debits } = sumsOf(statement)
  return { ...head, credits: credits.toString(), debits: debits.toString(), lines: lines.length, decidedAt }
}

function accountDecided(account: AccountState, decidedAt: string): AccountDecided {
  const { accountId, type, currency, owner, name, path, overdraftLimit, status } = account
  return {
    accountId,
    type,
    currency,
    owner,
    ...(name === undefined ? {} : { name }),
    ...(path === undefined ? {} : { path }),
    overdraftLimit,
    status,
    decidedAt,
  }
}
