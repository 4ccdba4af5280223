import type { ReplayStep } from '@micropay/schemas/audit'

const words: Readonly<Record<string, string>> = {
  AccountOpened: 'Account opened',
  AccountFrozen: 'Account frozen',
  AccountUnfrozen: 'Freeze lifted',
  AccountClosed: 'Account closed',
  StatementImported: 'Statement imported',
  PayeeSaved: 'Saved as a payee',
  PayeeRemoved: 'No longer a payee',
  Refused: 'Refused',
}

/** What happened at a step, in words. */
export function stepWords({ event, amount, counterparty, refusal }: ReplayStep): string {
  if (event === 'Refused') return `Refused: ${refusal?.code.replaceAll('_', ' ') ?? 'no reason given'}`
  if (event !== 'PaymentPosted') return words[event] ?? event
  return amount !== null && BigInt(amount) < 0n ? `Payment to ${counterparty}` : `Payment from ${counterparty}`
}
