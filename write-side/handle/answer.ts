import { answerTo } from '../decide/decide.ts'
import type { KeyEntry } from '../state/partition-state.ts'
import type { CommandRequest, CommandResult } from './command.ts'

/** The answer to a command that is in the ledger: the same when it is decided and whenever it is replayed. */
export function answerOf(
  request: CommandRequest,
  entry: KeyEntry,
  partition: number,
  replayed: boolean,
): CommandResult {
  const position = { partition, seq: entry.seq }
  const { seenAt } = entry
  const told = { position, replayed, ...(seenAt ? { seenAt } : {}) }
  if (entry.rejection) return { kind: 'rejected', ...told, rejection: entry.rejection }
  return { kind: 'accepted', ...told, answer: answerTo(request.command, entry, position) }
}
