import type { AccountChange } from '../../../data/accounts/change-account.ts'

type Words = {
  readonly button: string
  readonly title: string
  readonly effect: string
  readonly undo: string
  readonly done: string
  readonly danger: boolean
}

/** What each change is called, what it does, and whether it can be taken back. */
export const changeWords: Record<AccountChange, Words> = {
  freeze: {
    button: 'Freeze',
    title: 'Freeze this account?',
    effect: 'No money can leave or reach it, and its owner sees that it is frozen.',
    undo: 'It can be unfrozen at any time.',
    done: 'Account frozen',
    danger: true,
  },
  unfreeze: {
    button: 'Unfreeze',
    title: 'Unfreeze this account?',
    effect: 'Money can leave and reach it again at once.',
    undo: 'It can be frozen again at any time.',
    done: 'Account unfrozen',
    danger: false,
  },
  close: {
    button: 'Close account',
    title: 'Close this account?',
    effect: 'It takes no payment any more. Its statement stays.',
    undo: 'A closed account cannot be opened again.',
    done: 'Account closed',
    danger: true,
  },
}
