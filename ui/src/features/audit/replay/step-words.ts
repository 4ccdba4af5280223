import type { ReplayStep } from '@micropay/schemas/api/audit'

const words: Readonly<Record<string, string>> = {
  AccountOpened: 'Account opened',
  AccountFrozen: 'Account frozen',
  AccountUnfrozen: 'Freeze lifted',
  AccountClosed: 'Account closed',
  AccountChanged: 'Details changed',
  AccountFlagSet: 'Payments by customers allowed or stopped',
  StatementPart: 'Part of a statement kept',
  StatementImported: 'Statement imported',
  StatementWithdrawn: 'Statement withdrawn',
  PayeeSaved: 'Saved as a payee',
  PayeeRemoved: 'No longer a payee',
  PayeeChecked: 'A payer checked the name',
  Refused: 'Refused',
}

/** What happened at a step, in words. */
export function stepWords({ event, amount, counterparty, refusal }: ReplayStep): string {
  if (event === 'Refused') return `Refused: ${refusal?.code.replaceAll('_', ' ') ?? 'no reason given'}`
  if (event !== 'PaymentPosted') return words[event] ?? event
  if (amount === '0') return 'Payment that moved nothing here'
  const others = counterparty ?? 'several accounts'
  return amount?.startsWith('-') ? `Payment to ${others}` : `Payment from ${others}`
}

/** What is wrong with a step that somebody wants to jump to; `end` is the last one, once it is known. */
export function stepError(text: string, end: number | undefined): string | undefined {
  if (!/^[1-9][0-9]{0,8}$/.test(text)) return 'Enter the number of a step, such as 12.'
  return end !== undefined && Number(text) > end ? `The last step is ${end}.` : undefined
}
