import type { LedgerCommand } from './ledger.ts'

/**
 * What a command is about: its commit's key, and what its partition is chosen by. A payment is about its first payer; a payee about the person
 * who saves it, so that one order holds for all of that person's names. (The account that is saved must be on the same partition to be seen.)
 */
export function placeOf(command: LedgerCommand): string {
  switch (command.type) {
    case 'MakePayment':
      return command.data.postings[0]?.from ?? ''
    case 'SavePayee':
    case 'RemovePayee':
      return command.data.owner
    default:
      return command.data.accountId
  }
}
