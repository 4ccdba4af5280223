import { decideCloseAccount, decideFreezeAccount, decideOpenAccount, decideUnfreezeAccount } from './account.ts'
import type { Decision, DecisionFacts, LedgerCommand, LedgerView } from './ledger.ts'
import { decideRemovePayee, decideSavePayee } from './payee.ts'
import { decidePayment } from './payment.ts'
import { decideImportStatement } from './statement.ts'

/** One command against the ledger as it stands: the events that it leads to, or the first reason against it. Pure. */
export function decide(command: LedgerCommand, ledger: LedgerView, facts: DecisionFacts): Decision {
  switch (command.type) {
    case 'MakePayment':
      return decidePayment(command, ledger, facts)
    case 'OpenAccount':
      return decideOpenAccount(command, ledger)
    case 'FreezeAccount':
      return decideFreezeAccount(command, ledger, facts)
    case 'UnfreezeAccount':
      return decideUnfreezeAccount(command, ledger, facts)
    case 'CloseAccount':
      return decideCloseAccount(command, ledger, facts)
    case 'ImportStatement':
      return decideImportStatement(command, ledger, facts)
    case 'SavePayee':
      return decideSavePayee(command, ledger, facts)
    case 'RemovePayee':
      return decideRemovePayee(command, ledger, facts)
  }
}
