import { GovernedCommand, type PolicyDecided, type SetPolicy, twoByDefault } from '@micropay/schemas/api/approval'
import { type PolicyId, placeOfId, policyIdAt } from '@micropay/schemas/identifiers'
import type { CommandType, EventOf } from '@micropay/schemas/log/event'
import { CONFIRMATION_GENERATION, WHOLE_PROPOSALS_GENERATION } from '@micropay/schemas/log/generations'
import type { Position } from '@micropay/schemas/position'
import {
  accepted,
  asItIs,
  type CommandRule,
  type Decided,
  type DecisionFacts,
  type Folds,
  type LedgerView,
  put,
  stateTable,
} from './ledger.ts'
import { putFact } from './ledger-facts.ts'

type Rule = EventOf<'PolicySet'>['data']
type Setting = Omit<SetPolicy, 'dryRun'>

/** Of each tenant the rule for each command that has one. */
const policies = stateTable('policies', (tenant: string) => tenant, asItIs<readonly Rule[]>())
export const policyTables = [policies]

export const policyCommands = {
  SetPolicy: {
    place: () => 'policies',
    needs: ({ command }) => (command === 'ConfirmPayment' ? CONFIRMATION_GENERATION : 1),
    decide: ({ command, people, above }, _, facts) =>
      accepted({
        type: 'PolicySet',
        version: 1,
        data: { policyId: policyIdOf(facts), rule: { command, people, ...(above === undefined ? {} : { above }) } },
      }),
    answer: policyDecided,
  } satisfies CommandRule<Setting, object, PolicyDecided>,
}

export const policyEvents: Folds<'PolicySet'> = {
  PolicySet(set, ledger, facts) {
    const { tenant } = facts
    const others = (ledger.read(policies, tenant) ?? []).filter(({ rule }) => rule.command !== set.rule.command)
    const fact = { type: 'PolicySet' as const, version: 1 as const, data: set }
    return [put(policies, tenant, [...others, set]), ...putFact(fact, ledger, facts)]
  },
}

/** Whether policies hold for that type of command: earlier generations had one for the parts of statements, too. */
export function isGoverned(type: CommandType, { generation }: DecisionFacts): boolean {
  return generation < WHOLE_PROPOSALS_GENERATION || GovernedCommand.safeParse(type).success
}

/** Which of a tenant's policies a command of that type falls under; without one, what stands by default. */
export function policyOn(type: CommandType, ledger: LedgerView, tenant: string): Policy {
  const set = ledger.read(policies, tenant)?.find(({ rule }) => rule.command === type)
  if (set) return { policyId: set.policyId, people: set.rule.people, above: set.rule.above }
  return { policyId: undefined, people: isTwoByDefault(type) ? 2 : 1, above: undefined }
}

/** Above which amount who pays confirms a payment of their own; undefined where none has to be. */
export function confirmedAbove(ledger: LedgerView, tenant: string): Policy['above'] {
  return ledger.read(policies, tenant)?.find(({ rule }) => rule.command === 'ConfirmPayment')?.rule.above
}

export type Policy = {
  readonly policyId: PolicyId | undefined
  readonly people: number
  readonly above: Rule['rule']['above']
}

function isTwoByDefault(type: CommandType): boolean {
  const governed = GovernedCommand.safeParse(type)
  return governed.success && twoByDefault.has(governed.data)
}

function policyIdOf({ paymentId }: DecisionFacts): PolicyId {
  const { partition, seq } = placeOfId(paymentId)
  return policyIdAt(partition, seq)
}

function policyDecided(
  { command, people, above }: Setting,
  { decidedAt }: Decided,
  position: Position | undefined,
): PolicyDecided {
  const policyId = position ? policyIdAt(position.partition, position.seq) : null
  return { policyId, command, people, ...(above === undefined ? {} : { above }), decidedAt }
}
