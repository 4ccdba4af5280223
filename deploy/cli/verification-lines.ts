import type { AcrossVerification, MadeGood } from '@micropay/schemas/api/across'
import type { Verification } from '@micropay/schemas/api/audit'
import { sumText } from './moved.ts'
import { count, counted } from './progress.ts'

/** What people read; the hash stands on a line of its own, to be compared with another's. */
export function verificationLines(found: Verification): string[] {
  const { voids } = found
  const voided = Object.entries(voids).filter(([, number]) => number > 0)
  const ofLedger = found.ledgerId === null ? 'which is empty' : `of the ledger ${found.ledgerId}`
  const kinds = [
    counted(found.commits, 'commit'),
    counted(found.claims, 'claim'),
    counted(found.heartbeats, 'heartbeat'),
  ].join(', ')
  const rate =
    found.durationMs > 0 ? `, ${counted(Math.round((found.records * 1000) / found.durationMs), 'record')} a second` : ''
  return [
    `partition ${found.partition}, ${ofLedger}: ${counted(found.records, 'record')} in ${(found.durationMs / 1000).toFixed(1)} s${rate}`,
    `  counted   ${kinds}${found.ignored > 0 ? `, ${count(found.ignored)} ignored` : ''}`,
    `  void      ${voided.length === 0 ? 'none' : voided.map(([reason, number]) => `${count(number)} ${reason}`).join(', ')}`,
    `  position  ${found.partition}:${found.seq}, epoch ${found.epoch}, ${counted(found.accounts, 'account')}`,
    `  sums      ${found.sums.map(({ currency, amount }) => `${currency} ${amount}`).join(', ') || 'nothing moved yet'}`,
    `  hash      ${found.hash || 'none'}`,
    ...(found.comparedWith
      ? [`  compared  with ${found.comparedWith.position}, verified on ${found.comparedWith.at}`]
      : ['  compared  with nothing: it is verified here for the first time']),
    ...found.accepted.map(
      ({ position, previous, actor, reason, resumedAt }) =>
        `  resumed   at ${position} from ${previous} by ${actor} on ${resumedAt}: ${reason}`,
    ),
    ...found.sealedOtherwise.map(
      ({ tenant, periodId, through, seq, sealed, booked }) =>
        `  period    ${periodId} of ${tenant}, up to ${through}, at seq ${seq} seals ${sealed}, and what was booked ` +
        `gives ${booked}: no fault of the log; reopen it, and close it by the checklist`,
    ),
    ...found.unsettled.map(
      ({ kind, tenant, accountId, currency, amount }) =>
        `  to settle ${accountId} of ${tenant}: ${sumText(currency, BigInt(amount))} ${settleWords[kind]}`,
    ),
    ...found.faults.map(
      ({ code, seq, detail }) => `  FAULT     ${code}${seq === null ? '' : ` at seq ${seq}`}: ${detail}`,
    ),
    ...(found.faultCount > found.faults.length
      ? [`  and ${counted(found.faultCount - found.faults.length, 'more fault')}`]
      : []),
  ]
}

const settleWords = {
  suspense: 'in suspense, of payments that were lost on another partition or have no open account here',
  below_limit: 'below its limit, since what had been promised was posted again',
} as const

/** What all partitions say of each other; `nowMs` says how old what is under way is. */
export function acrossLines(found: AcrossVerification, nowMs: number): string[] {
  const { underWay, sharedKeys, sharedKeyCount, faults, faultCount } = found
  const { oldest } = underWay
  const age = oldest ? `, the oldest ${oldest.paymentId}, for ${ageText(nowMs - Date.parse(oldest.since))}` : ''
  return [
    `all partitions: ${counted(found.payments, 'payment')} across them`,
    `  position  ${found.positions}`,
    `  under way ${underWay.payments === 0 ? 'none' : `${counted(underWay.payments, 'payment')}${age}`}`,
    ...underWay.sums.map(
      ({ between, currency, amount, payments }) =>
        `  between   ${between.join(' and ')}: ${sumText(currency, BigInt(amount))} of ${counted(payments, 'payment')}`,
    ),
    ...(found.waiting > 0 ? [`  waiting   ${counted(found.waiting, 'step')} for what could not be read`] : []),
    ...(found.givenUp > 0 ? [`  given up  ${counted(found.givenUp, 'step')}, with a history that was resumed`] : []),
    ...found.madeGood.map((each) => `  made good ${madeGoodText(each)}`),
    ...sharedKeys.map(
      ({ position, alsoOn }) => `  warning   the key at ${position} was used on partition ${alsoOn}, too: two commands`,
    ),
    ...(sharedKeyCount > sharedKeys.length ? [`  and ${counted(sharedKeyCount - sharedKeys.length, 'more key')}`] : []),
    ...faults.map(
      ({ code, position, paymentId, detail }) =>
        `  FAULT     ${code} at ${position}${paymentId === null ? '' : `, of ${paymentId}`}: ${detail}`,
    ),
    ...(faultCount > faults.length ? [`  and ${counted(faultCount - faults.length, 'more fault')}`] : []),
  ]
}

/** `partition 1: 3 payments, 12.50 EUR, written off; -12.50 EUR of it in suspense`. */
export function madeGoodText({ partition, kind, payments, amounts, inSuspense }: MadeGood): string {
  const text = (sums: MadeGood['amounts']) =>
    sums.map(({ currency, amount }) => sumText(currency, BigInt(amount))).join(', ')
  const suspense = inSuspense.length > 0 ? `; ${text(inSuspense)} in suspense` : ''
  return `partition ${partition}: ${counted(payments, 'payment')}, ${text(amounts)}, ${endWords[kind]}${suspense}`
}

/** How each payment ended that lost history had touched. */
export const endWords: Readonly<Record<MadeGood['kind'], string>> = {
  learned: 'completed, as others had posted them',
  reopened: 'opened again, as their answers were lost',
  forced: 'posted again, whatever limits and freezes say by now',
  released: 'let go of: they are gone where they were decided',
  written_off: 'written off: they are gone where they were decided',
}

function ageText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 120) return `${seconds} s`
  return seconds < 7_200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3_600)} h`
}
