import type { AccountId } from '@micropay/schemas/identifiers'
import { elsewhereOf } from '../decide/decide.ts'
import type { Elsewhere } from '../decide/ledger.ts'
import type { CommandRequest, CommandResult } from './command.ts'
import type { PartitionOwner } from './partition-owner.ts'
import { accountUnknown } from './refusals.ts'

/** How an account stands on its partition; undefined where nobody says. */
export type Look = (accountId: AccountId) => Promise<Elsewhere | undefined>

/**
 * Hands a command to its owner, with the account elsewhere that its decision has to know of. Where that is seen by the
 * payment alone that the command is about, the owner says which one it is.
 */
export async function submitKnowing(
  owner: Pick<PartitionOwner, 'submit'>,
  partitions: number,
  request: CommandRequest,
  look: Look,
): Promise<CommandResult> {
  const named = elsewhereOf(request.command, partitions)
  const first = named === undefined ? await owner.submit(request) : undefined
  const asked = named ?? (first?.kind === 'refused' ? first.asks : undefined)
  if (asked === undefined) return first ?? accountUnknown()
  const elsewhere = await look(asked)
  return elsewhere ? owner.submit({ ...request, elsewhere }) : accountUnknown()
}
