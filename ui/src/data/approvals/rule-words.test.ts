import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Policy } from '@micropay/schemas/api/approval'
import { PolicyId } from '@micropay/schemas/identifiers'
import { ruleWords } from './rule-words.ts'

const policyId = PolicyId.parse('pol-0-204')
const rule = Policy.parse({
  ...{ command: 'MakePayment', people: 2, above: { amount: '100000', currency: 'EUR' } },
  set: { policyId, at: '2026-03-01T09:00:00.000Z', by: 'finance:fiona', approvedBy: null },
})

test('the rule of a proposal is told in words, and that it was changed where it was', () => {
  const proposal = { command: 'MakePayment', policyId } as const
  assert.equal(ruleWords(proposal, [rule]), 'Make a payment: two persons above 1,000.00 EUR or in another currency')
  const later = { ...rule, people: 1, set: rule.set && { ...rule.set, policyId: PolicyId.parse('pol-0-300') } }
  assert.equal(ruleWords(proposal, [later]), 'By rule pol-0-204, which was changed since. Now: one person')
  assert.equal(ruleWords(proposal, undefined), 'By rule pol-0-204')
  const byDefault = { command: 'ReopenPeriod', policyId: null } as const
  assert.equal(ruleWords(byDefault, [rule]), 'Reopen a period: two persons, unless a rule says otherwise')
})
