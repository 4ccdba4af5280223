import type { FrozenDirection } from '@micropay/schemas/api/account'
import type { AccountAction } from '../../../data/accounts/change-account.ts'

type Words = {
  readonly button: string
  readonly title: string
  readonly effect: string
  readonly undo: string
  readonly done: string
  readonly danger: boolean
  /** Whether the ledger keeps a reason with it. */
  readonly hasReason: boolean
}

/** What is told once it is done; a freeze of what leaves the account stops nothing else. */
export function doneWords(action: AccountAction, direction: FrozenDirection | undefined): string {
  return action === 'freeze' && direction === 'outgoing' ? 'Sending is frozen' : changeWords[action].done
}

/** What each change is called, what it does, and whether it can be taken back. */
export const changeWords: Record<AccountAction, Words> = {
  freeze: {
    button: 'Freeze',
    title: 'Freeze this account?',
    effect: 'Its owner sees what is stopped.',
    undo: 'It can be unfrozen at any time.',
    done: 'Account frozen',
    danger: true,
    hasReason: true,
  },
  unfreeze: {
    button: 'Unfreeze',
    title: 'Unfreeze this account?',
    effect: 'Money can leave and reach it again at once.',
    undo: 'It can be frozen again at any time.',
    done: 'Account unfrozen',
    danger: false,
    hasReason: true,
  },
  close: {
    button: 'Close account',
    title: 'Close this account?',
    effect: 'It takes no payment any more. Its statement stays.',
    undo: 'A closed account cannot be opened again.',
    done: 'Account closed',
    danger: true,
    hasReason: true,
  },
  'take-payments': {
    button: 'Let customers pay it',
    title: 'Let customers pay this account?',
    effect: 'Customers can send money to it themselves.',
    undo: 'It can be taken back at any time.',
    done: 'Customers can pay it',
    danger: false,
    hasReason: false,
  },
  'refuse-payments': {
    button: 'Stop customers paying it',
    title: 'Stop customers paying this account?',
    effect: 'Customers can no longer send money to it. Staff still book on it.',
    undo: 'It can be allowed again at any time.',
    done: 'Customers can no longer pay it',
    danger: false,
    hasReason: false,
  },
}
