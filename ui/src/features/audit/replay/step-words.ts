import type { PaymentStep, ReplayStep } from '@micropay/schemas/api/replay'

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
  LegsPrepared: 'Promised to a payment under way',
  LegsReleased: 'Promise to a payment let go of',
  LegsWrittenOff: 'Left over by a payment that is gone where it was decided',
  Refused: 'Refused',
}

/** What happened at a step, in words. */
export function stepWords({ event, amount, counterparty, refusal }: ReplayStep): string {
  if (event === 'Refused') return `Refused: ${refusal?.code.replaceAll('_', ' ') ?? 'no reason given'}`
  if (event === 'LegsPosted')
    return amount?.startsWith('-') ? 'Payment to another partition' : 'Payment from another partition'
  if (event !== 'PaymentPosted') return words[event] ?? event
  if (amount === '0') return 'Payment that moved nothing here'
  const others = counterparty ?? 'several accounts'
  return amount?.startsWith('-') ? `Payment to ${others}` : `Payment from ${others}`
}

const paymentWords: Readonly<Record<string, string>> = {
  PaymentInitiated: 'Begun, and its own part promised',
  LegsPrepared: 'Promised',
  LegsPosted: 'Posted',
  LegsReleased: 'Promise let go of',
  LegsRefused: 'Refused',
  PaymentCompleted: 'Decided to happen, and its own part posted',
  PaymentFailed: 'Decided not to happen, and its own part let go of',
  CancelRequested: 'Asked to let it be',
  PaymentEnded: 'Done on all partitions',
  PaymentReopened: 'Opened again: what a partition had answered is gone',
  LegsRecalled: 'What it had done here recalled',
  LegsWrittenOff: 'Written off: it is gone where it was decided',
  PaymentPosted: 'Posted',
  Refused: 'Refused',
}

/** What a step of a payment did, in words. */
export function paymentStepWords({ event, refusal }: PaymentStep): string {
  const what = paymentWords[event] ?? event
  return refusal ? `${what}: ${refusal.code.replaceAll('_', ' ')}` : what
}

/** What is wrong with a step that somebody wants to jump to; `end` is the last one, once it is known. */
export function stepError(text: string, end: number | undefined): string | undefined {
  if (!/^[1-9][0-9]{0,8}$/.test(text)) return 'Enter the number of a step, such as 12.'
  return end !== undefined && Number(text) > end ? `The last step is ${end}.` : undefined
}
