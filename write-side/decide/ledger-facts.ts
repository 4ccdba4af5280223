import type { Actor } from '@micropay/schemas/log/actor'
import type { LedgerEvent } from '@micropay/schemas/log/event'
import { LedgerFact } from '@micropay/schemas/log/message'
import { asItIs, type CommitFacts, type LedgerView, type Put, put, remove, stateTable } from './ledger.ts'

/*
 * Facts of the whole ledger, such as its policies, are decided on one partition and hold on all: the others take them
 * over, in order, each in a commit of its own. What was replaced since is not taken any more: of a period that was
 * closed and reopened the reopening stands alone, and of a closing what became of it.
 */

/** The partition that decides them. */
export const HOME = 0

/** A fact as its home has it; `after` is the seq of the one before it that still holds. */
export type HeldFact = {
  readonly at: { readonly seq: number; readonly hash: string }
  readonly tenant: string
  readonly actor: Actor
  readonly fact: LedgerFact
}

/** At home: each by what it is about, and their names in the order of their commits. */
const facts = stateTable('ledger-facts', (name: string) => name, asItIs<HeldFact>())
const order = stateTable('fact-order', () => 'all', asItIs<readonly string[]>())
/** Elsewhere: the seq at home of the last one that was taken. */
const known = stateTable('facts-known', () => 'all', asItIs<number>())
export const factTables = [facts, order, known]

export function putFact(
  fact: LedgerFact,
  ledger: LedgerView,
  { tenant, actor, seq, hash, partition }: CommitFacts,
): Put[] {
  if (partition !== HOME) return []
  const name = nameOf(fact, tenant)
  const all = ledger.read(order, undefined) ?? []
  const over = fact.type === 'PeriodClosed' ? nameIn(tenant, CLOSING) : name
  const others = all.filter((each) => each !== name && each !== over)
  return [
    ...(over !== name && all.includes(over) ? [remove(facts, over)] : []),
    put(facts, name, { at: { seq, hash }, tenant, actor, fact }),
    put(order, undefined, [...others, name]),
  ]
}

/** In the place of an earlier one of its name; nothing where there is none. */
export function replaceFact(fact: LedgerFact, ledger: LedgerView, commit: CommitFacts): Put[] {
  return ledger.read(facts, nameOf(fact, commit.tenant)) ? putFact(fact, ledger, commit) : []
}

const factTypes = new Set<string>(LedgerFact.options.map(({ shape }) => shape.type.value))

/** Whether an event is a fact of the whole ledger. */
export function isLedgerFact(event: LedgerEvent): event is Extract<LedgerEvent, LedgerFact> {
  return factTypes.has(event.type)
}

const CLOSING = 'closing'

/** A later one of that name stands in its place. */
function nameOf(fact: LedgerFact, tenant: string): string {
  switch (fact.type) {
    case 'PolicySet':
      return nameIn(tenant, `policy ${fact.data.rule.command}`)
    case 'LedgerZoneSet':
      return nameIn(tenant, 'zone')
    case 'PeriodClosing':
    case 'PeriodCalledOff':
      return nameIn(tenant, CLOSING)
    case 'PeriodClosed':
    case 'PeriodReopened':
      return nameIn(tenant, `period ${fact.data.periodId}`)
  }
}

function nameIn(tenant: string, what: string): string {
  return `${tenant}\n${what}`
}

/** The facts that hold and stand behind a seq at home, in order. */
export function factsBehind(seq: number, ledger: LedgerView): (HeldFact & { readonly after: number })[] {
  const all = (ledger.read(order, undefined) ?? []).flatMap((name) => ledger.read(facts, name) ?? [])
  const told = all.map((held, index) => ({ ...held, after: all[index - 1]?.at.seq ?? 0 }))
  return told.filter(({ at }) => at.seq > seq)
}

export function factsKnown(ledger: LedgerView): number {
  return ledger.read(known, undefined) ?? 0
}

export function putFactsKnown(seq: number): Put {
  return put(known, undefined, seq)
}
