import { sumText } from '../moved.ts'
import { count, counted } from '../progress.ts'
import type { Comparison } from './compare-ledgers.ts'
import type { Loss } from './payment-requests.ts'
import { positionsText, type Survey } from './survey.ts'
import type { Tally } from './tally.ts'

const MOST_SHOWN = 20

/** What the old ledger holds, in one line. */
export function ledgerLine(survey: Survey): string {
  const { ledgerId, partitions, accounts, payments, refunds, tenant } = survey
  const of = `${counted(accounts.size, 'account')}, ${counted(payments, 'payment')}, ${count(refunds)} of them refunds`
  const where = `ledger ${ledgerId} of ${counted(partitions, 'partition')}, tenant ${tenant}`
  return `${where}, at ${positionsText(survey)}: ${of}`
}

const lossWords: Readonly<Record<Loss, string>> = {
  text: 'payments have texts with characters that are refused today: those are left out',
  previous: 'payments have no room for their old id and time in their metadata (20 entries at most)',
  assertion: 'balances that payments asserted are left out: partitions have no common order to check them in',
}

/** All that is not carried over one to one. */
export function lossLines({ governance, losses, corrections }: Survey): string[] {
  const periods = governance.periods()
  const statements = governance.statements()
  const proposals = governance.proposals()
  const last = periods.at(-1)
  return [
    'booking time and position are those of the new ledger; the old id and time stand in the metadata of each payment',
    'who gave a command is not carried over: the new log names whoever moves, the old one stays the record of the rest',
    'idempotency keys and their answers: a client that repeats a key of before pays once more, so let none be open',
    'how accounts changed meanwhile: each is opened as it stands in the end, from the day on which it was opened',
    ...(last ? [`${counted(periods.length, 'closed period')}, the last through ${last.through}: close them anew`] : []),
    ...(corrections > 0 ? [`which period a payment corrects, of ${count(corrections)}`] : []),
    ...(statements.length > 0
      ? [`${counted(statements.length, 'bank statement')}, listed below: to be imported again from the bank's files`]
      : []),
    ...(proposals.length > 0
      ? [`${counted(proposals.length, 'command')} without its second person: ${shown(proposals)}; give them anew`]
      : []),
    ...(governance.refusals() > 0 ? [`${counted(governance.refusals(), 'refused command')}`] : []),
    ...(governance.checks() > 0 ? [`${counted(governance.checks(), 'check')} of a payee's name`] : []),
    ...Array.from(losses, ([loss, times]) => `${count(times)} ${lossWords[loss]}`),
  ]
}

/** The statements whose files are to be imported again. */
export function statementLines({ governance }: Survey): string[] {
  return governance
    .statements()
    .map(({ accountId, statementId, sha256 }) => `${accountId} ${statementId}${sha256 ? ` sha256 ${sha256}` : ''}`)
}

/** Why it is not begun. */
export function faultLines({ underWay, faults, faultCount }: Survey, isBalanced: boolean): string[] {
  const open = `payments under way, which must end first: ${shown(underWay)}`
  return [
    ...(underWay.length > 0 ? [open] : []),
    ...(isBalanced ? [] : ['at that position money is under way between partitions: read on, or to another one']),
    ...faults,
    ...(faultCount > faults.length ? [`and ${count(faultCount - faults.length)} more payments`] : []),
  ]
}

/** What became of what was sent. */
export function tallyLines(noun: string, { done, replayed, waiting, refused, reasons }: Tally): string[] {
  const parts = [
    `${count(done - replayed)} ${noun} done`,
    `${count(replayed)} were there before`,
    ...(waiting > 0 ? [`${count(waiting)} wait for a second person`] : []),
    `${count(refused)} refused`,
  ]
  const more = waiting + refused - reasons.length
  return [
    parts.join(', '),
    ...reasons.map((reason) => `  ${reason}`),
    ...(more > 0 ? [`  and ${count(more)} more`] : []),
  ]
}

/** How both ledgers compare. */
export function comparisonLines({ compared, differences, differenceCount, totals }: Comparison): string[] {
  const rows = [...totals].sort().map(([currency, { old, new: now }]) => {
    const side = ({ accounts, credit, debit }: typeof old) =>
      `${counted(accounts, 'account')}, credit ${sumText(currency, credit)}, debit ${sumText(currency, debit)}`
    return side(old) === side(now)
      ? `  ${currency}: ${side(now)} on both sides`
      : `  ${currency}: DIFFERENT old ${side(old)}; new ${side(now)}`
  })
  const named = differences.slice(0, MOST_SHOWN).map((difference) => {
    return `  ${difference.accountId}: ${difference.what} was ${difference.old}, and is ${difference.new}`
  })
  const more = differenceCount - named.length
  return [
    `${count(compared)} accounts compared, ${counted(differenceCount, 'difference')}`,
    ...rows,
    ...named,
    ...(more > 0 ? [`  and ${count(more)} more`] : []),
  ]
}

function shown(ids: readonly string[]): string {
  return `${ids.slice(0, 5).join(', ')}${ids.length > 5 ? `, and ${count(ids.length - 5)} more` : ''}`
}
