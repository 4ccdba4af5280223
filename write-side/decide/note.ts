import { MAX_NOTES, type NoteDecided } from '@micropay/schemas/api/note'
import type { AccountId } from '@micropay/schemas/identifiers'
import { visibleAccount } from './account.ts'
import {
  accepted,
  asItIs,
  type CommandRule,
  type Decision,
  type DecisionFacts,
  type Folds,
  type LedgerView,
  put,
  rejected,
  stateTable,
} from './ledger.ts'

/** How many notes an account has. */
export const notes = stateTable('notes', (accountId: AccountId) => accountId, asItIs<number>())
export const noteTables = [notes]

type Writing = { readonly accountId: AccountId; readonly text: string }

export const noteCommands = {
  WriteNote: {
    place: ({ accountId }) => accountId,
    decide: decideWriteNote,
    answer: ({ accountId, text }, { decidedAt }) => ({ accountId, text, decidedAt }),
  } satisfies CommandRule<Writing, object, NoteDecided>,
}

export const noteEvents: Folds<'NoteWritten'> = {
  NoteWritten: ({ accountId }, ledger) => [put(notes, accountId, (ledger.read(notes, accountId) ?? 0) + 1)],
}

function decideWriteNote({ accountId, text }: Writing, ledger: LedgerView, facts: DecisionFacts): Decision {
  const account = visibleAccount(ledger, accountId, facts)
  if (!account) return rejected('account_not_found', `there is no account ${accountId}`)
  const count = ledger.read(notes, accountId) ?? 0
  if (count >= MAX_NOTES) return rejected('too_many_notes', `${accountId} has ${MAX_NOTES} notes, which is the most`)
  return accepted({ type: 'NoteWritten', version: 1, data: { accountId, text } })
}
