import { dayIn, endOfDay, nextDay, startOfDay } from '@micropay/schemas/days'
import { broughtRule } from '@micropay/schemas/log/generations'
import type { AccountState } from './account-state.ts'
import { closingOf } from './closing.ts'
import { type Decision, type DecisionFacts, type LedgerView, rejected } from './ledger.ts'
import { hidesCauses, notPayable } from './payable.ts'
import { lastClosed, zoneOf } from './period.ts'

/**
 * What may be said of when a payment counts. Whoever pays from accounts of their own pays now; staff book back into the
 * open days, and nobody books into a day that has not come. Days are those of the ledger's zone.
 */
export function checkValueDate(
  effectiveAt: string | undefined,
  ledger: LedgerView,
  { tenant, decidedAt, mayBook, generation }: DecisionFacts,
): Decision | undefined {
  if (effectiveAt === undefined || generation < broughtRule('value_date_in_future')) return undefined
  const zone = zoneOf(ledger, tenant)
  const today = dayIn(zone, decidedAt)
  const refuse = (code: Parameters<typeof rejected>[0], detail: string) => rejected(code, detail, '/effectiveAt')
  if (!mayBook && dayIn(zone, effectiveAt) !== today) {
    return refuse('value_date_not_today', `today is ${today} in ${zone}: leave effectiveAt out, and it counts now`)
  }
  if (Date.parse(effectiveAt) >= endOfDay(today, zone).getTime()) {
    return refuse('value_date_in_future', `today is ${today} in ${zone}: a payment counts from then on at the latest`)
  }
  return checkOpenPeriod(effectiveAt, ledger, { tenant })
}

export function checkOpenPeriod(
  effectiveAt: string,
  ledger: LedgerView,
  { tenant }: Pick<DecisionFacts, 'tenant'>,
): Decision | undefined {
  const closing = closingOf(ledger, tenant)
  const closed = closing ?? lastClosed(ledger, tenant)
  if (!closed || Date.parse(effectiveAt) >= Date.parse(closed.before)) return undefined
  const [through, open] = [closed.through, nextDay(closed.through)]
  const are = closing ? 'are being closed' : 'are closed'
  const detail = `the days up to ${through} ${are}: the first open day is ${open} in ${closed.zone}`
  return rejected('period_closed', detail, '/effectiveAt')
}

/**
 * Nothing counts on a day before the one that staff opened the account on; most accounts have no such day. Whoever is
 * not to know when others opened theirs is told that they cannot be paid; `pointerTo` says where an account is named.
 */
export function checkOpenedOn(
  effectiveAt: string | undefined,
  accounts: Iterable<AccountState>,
  pointerTo: (accountId: AccountState['accountId']) => string | undefined,
  ledger: LedgerView,
  facts: DecisionFacts,
): Decision | undefined {
  const { tenant, decidedAt, generation } = facts
  const code = 'value_date_before_opening'
  if (generation < broughtRule(code)) return undefined
  for (const { accountId, openedOn, owner } of accounts) {
    if (openedOn === undefined) continue
    const opens = startOfDay(openedOn, zoneOf(ledger, tenant)).getTime()
    if (Date.parse(effectiveAt ?? decidedAt) >= opens) continue
    const detail = `${accountId} is open from ${openedOn} on: a payment counts there on that day at the earliest`
    const isHidden = hidesCauses(facts) && owner !== facts.subject
    if (isHidden) return notPayable(accountId, pointerTo(accountId), { code, detail })
    return rejected(code, detail, '/effectiveAt')
  }
  return undefined
}
