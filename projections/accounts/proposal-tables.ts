import { exactText, instant, int4, int8, json, orNull, text } from '../write/columns.ts'
import { table, type WrittenTo } from '../write/table.ts'

/** Commands that wait, or waited, for a second person, with all that was asked. */
export const proposals = table(
  'proposal',
  {
    partition: int4(),
    seq: int8(),
    proposal_id: exactText(),
    tenant: exactText(),
    maker: exactText(),
    command: text(),
    /** The account or the period that it changes; null where it changes neither, or several accounts. */
    about: orNull(exactText()),
    hash: text(),
    data: json<Record<string, unknown>>(),
    /** Of the text that `data` was written as: lists leave out what is large. */
    data_bytes: int4(),
    /** Null where it is by default that the command needs two persons. */
    policy_id: orNull(text()),
    proposed_at: instant(),
    expires_at: instant(),
  },
  {
    write: 'insert',
    key: ['partition', 'seq'],
    indexesAfterLoading: {
      proposal_by_expiry: ['tenant', 'expires_at', 'partition', 'seq'],
      proposal_by_maker: ['tenant', 'maker', 'expires_at', 'partition', 'seq'],
      proposal_by_what: {
        on: ['about', 'tenant', 'expires_at', 'partition', 'seq'],
        where: 'about is not null',
      },
    },
  },
)

/** What became of a proposal: one at most of each, apart from it, so that neither row ever changes. */
export const proposalDecisions = table(
  'proposal_decision',
  {
    proposal_id: exactText(),
    partition: int4(),
    seq: int8(),
    outcome: text<'approved' | 'refused'>(),
    reason: orNull(text()),
    decided_at: instant(),
    decided_by: exactText(),
    /** Of an approved change of an overdraft limit: what it was until then, as the API writes it. */
    limit_before: orNull(text()),
  },
  { write: 'insert', indexesAfterLoading: { proposal_decision_of: { on: ['proposal_id'], unique: true } } },
)

/** How many persons a command needs, by the last rule that was set for it. */
export const policies = table(
  'policy',
  {
    tenant: exactText(),
    command: exactText(),
    partition: int4(),
    policy_id: text(),
    people: int4(),
    above_minor: orNull(int8()),
    above_currency: orNull(text()),
    set_at: instant(),
    /** Null where a second person approved it, and the log does not say for whom. */
    set_by: orNull(text()),
    /** The second person, where one was needed. */
    approved_by: orNull(text()),
  },
  {
    key: ['tenant', 'command', 'partition'],
    write: {
      set: ['policy_id', 'people', 'above_minor', 'above_currency', 'set_at', 'set_by', 'approved_by'],
      by: ['tenant', 'command', 'partition'],
    },
  },
)

export type NewProposal = WrittenTo<typeof proposals>
export type NewProposalDecision = WrittenTo<typeof proposalDecisions>
export type NewPolicy = WrittenTo<typeof policies>
