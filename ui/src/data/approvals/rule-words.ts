import type { Policy, Proposal } from '@micropay/schemas/api/approval'
import { commandNames, peopleWords } from './command-words.ts'

type Rule = Pick<Policy, 'command' | 'people' | 'above' | 'set'>

/** The rule by which a proposal needs a second person; `policies` are those that stand now, where one may see them. */
export function ruleWords(
  { command, policyId }: Pick<Proposal, 'command' | 'policyId'>,
  policies: readonly Rule[] | undefined,
): string {
  if (policyId === null) return `${commandNames[command]}: two persons, unless a rule says otherwise`
  const rule = policies?.find((policy) => policy.command === command)
  if (policies === undefined || !rule) return `By rule ${policyId}`
  if (rule.set?.policyId === policyId) return `${commandNames[command]}: ${peopleWords(rule)}`
  return `By rule ${policyId}, which was changed since. Now: ${peopleWords(rule)}`
}
