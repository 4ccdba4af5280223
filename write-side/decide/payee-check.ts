import { MAX_PAYEE_CHECKS, type PayeeChecked } from '@micropay/schemas/api/payee'
import { dayIn, nextDay } from '@micropay/schemas/days'
import type { AccountId, OwnerId } from '@micropay/schemas/identifiers'
import type { EventOf } from '@micropay/schemas/log/event'
import { stoppedWords, stops, visibleAccount } from './account.ts'
import { compareNames } from './compare-names.ts'
import {
  accepted,
  asItIs,
  type CommandRule,
  type Decision,
  type DecisionFacts,
  eventOf,
  type Folds,
  type LedgerView,
  put,
  rejected,
  stateTable,
} from './ledger.ts'
import { refusedPayee } from './payable.ts'
import { zoneOf } from './period.ts'

type Person = { readonly tenant: string; readonly owner: string }
/** So many names were checked on the last day on which one was. */
export type ChecksOfDay = { readonly day: string; readonly count: number }

/** How often each person has asked. No tenant holds a line break. */
export const payeeChecks = stateTable(
  'payee-checks',
  ({ tenant, owner }: Person) => `${tenant}\n${owner}`,
  asItIs<ChecksOfDay>(),
)
export const payeeCheckTables = [payeeChecks]

type Checking = { readonly owner: OwnerId; readonly accountId: AccountId; readonly name: string }
/** What was told; the account may be called otherwise by the time that it is told again. */
type CheckKept = { readonly outcome: PayeeChecked['outcome']; readonly shown?: string | undefined }

/** A check is about the person who asks, so that one order holds for all that they ask. */
export const payeeCheckCommands = {
  CheckPayee: {
    place: ({ owner }) => owner,
    decide: decideCheckPayee,
    keep(events): CheckKept | undefined {
      const event = eventOf(events, 'PayeeChecked')
      return event && toldBy(event)
    },
    answer: ({ accountId }, { outcome = 'none', shown, decidedAt }) => ({
      ...{ accountId, outcome },
      ...(shown === undefined ? {} : { name: shown }),
      decidedAt,
    }),
  } satisfies CommandRule<Checking, CheckKept, PayeeChecked>,
}

export const payeeCheckEvents: Folds<'PayeeChecked'> = {
  PayeeChecked({ owner, day }, ledger, { tenant }) {
    return [put(payeeChecks, { tenant, owner }, { day, count: checksOn(day, ledger, { tenant, owner }) + 1 })]
  },
}

function toldBy({ data }: EventOf<'PayeeChecked'>): CheckKept {
  const { shown } = data.personal.data
  return { outcome: data.outcome, ...(shown === undefined ? {} : { shown }) }
}

function checksOn(day: string, ledger: LedgerView, person: Person): number {
  const last = ledger.read(payeeChecks, person)
  return last?.day === day ? last.count : 0
}

/**
 * Whether an account that the asker could pay is held under a name. Nearly the same name is told the real one, so each
 * person asks so often a day and no more; what cannot be paid is refused as a payment is, and does not count.
 */
function decideCheckPayee({ owner, accountId, name }: Checking, ledger: LedgerView, facts: DecisionFacts): Decision {
  const account = visibleAccount(ledger, accountId, facts)
  const refusal = refusedPayee({ accountId, account, pointer: '/accountId' }, facts)
  if (refusal) return refusal
  if (!account) return rejected('account_not_found', `there is no account ${accountId}`, '/accountId')
  if (account.status !== 'open' && stops(account, false)) {
    return rejected(`account_${account.status}`, stoppedWords(account), '/accountId')
  }
  const { tenant, decidedAt } = facts
  const zone = zoneOf(ledger, tenant)
  const day = dayIn(zone, decidedAt)
  if (checksOn(day, ledger, { tenant, owner }) >= MAX_PAYEE_CHECKS) {
    const asked = `you have checked ${MAX_PAYEE_CHECKS} names on ${day} in ${zone}, which is the most in a day`
    return rejected('payee_checks_exceeded', `${asked}: you can again on ${nextDay(day)}`)
  }
  const outcome = compareNames(name, account.name ?? '')
  const texts = { name, ...(outcome === 'close' ? { shown: account.name } : {}) }
  return accepted({
    type: 'PayeeChecked',
    version: 1,
    data: { owner, accountId, outcome, day, personal: { subject: account.owner, form: 'plain', data: texts } },
  })
}
