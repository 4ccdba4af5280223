import type { Actor } from '@micropay/schemas/log/actor'
import type { LedgerFact } from '@micropay/schemas/log/message'
import { asItIs, type CommitFacts, type LedgerView, type Put, put, stateTable } from './ledger.ts'

/*
 * Facts of the whole ledger, such as its policies, are decided on one partition and hold on all: the others take them
 * over, in order, each in a commit of its own. What was replaced since is not taken any more.
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
  const others = (ledger.read(order, undefined) ?? []).filter((each) => each !== name)
  return [put(facts, name, { at: { seq, hash }, tenant, actor, fact }), put(order, undefined, [...others, name])]
}

/** A later one of that name stands in its place. */
function nameOf(fact: LedgerFact, tenant: string): string {
  const what = fact.type === 'PolicySet' ? `policy ${fact.data.rule.command}` : 'zone'
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
