import type { Mutation } from '../mutation.ts'

const refunds = ['write-side/decide/refund.test.ts'] as const
const original = ['write-side/handle/changed-original.test.ts'] as const
const found = ['write-side/event-log/find-commit.test.ts'] as const
const proposals = ['write-side/decide/proposal.test.ts'] as const
const periods = ['write-side/decide/period.test.ts'] as const
const freezes = ['write-side/decide/payable.test.ts'] as const
const legs = ['write-side/decide/payment-legs.test.ts'] as const

/** What may be given back, which days are open, and who decides beside whom. */
export const moneyMutations: readonly Mutation[] = [
  {
    name: 'money: more is given back than is left',
    file: 'write-side/decide/refund.ts',
    find: 'most < 0n ? minor >= most && minor <= 0n : minor <= most && minor >= 0n',
    replace: 'most < 0n ? minor <= 0n : minor >= 0n',
    tests: refunds,
  },
  {
    name: 'money: what was given back before is forgotten by the next refund',
    file: 'write-side/decide/given-back.ts',
    find: 'sums.set(account, (sums.get(account) ?? 0n) + BigInt(amount))',
    replace: 'sums.set(account, BigInt(amount))',
    tests: refunds,
  },
  {
    name: 'money: a refund of a part is given back itself',
    file: 'write-side/decide/refund.ts',
    find: '  if (posted.reverses) {',
    replace: '  if (posted.reverses?.whole) {',
    tests: refunds,
  },
  {
    name: 'money: the payment of another tenant is given back',
    file: 'write-side/decide/refund.ts',
    find: 'if (original?.tenant !== tenant) return undefined',
    replace: 'if (original === undefined || tenant === undefined) return undefined',
    tests: refunds,
  },
  {
    name: 'money: a refund of a closed period does not say so',
    file: 'write-side/decide/period.ts',
    find: 'find(({ before }) => instant < before)',
    replace: 'find(({ before }) => instant === before)',
    tests: refunds,
  },
  {
    name: 'money: what is changed at the first look is never looked at again',
    file: 'write-side/handle/find-original.ts',
    find: 'if (!isEvidence(error)) throw error\n    await',
    replace: 'if (isEvidence(error)) throw error\n    await',
    tests: original,
  },
  {
    name: 'money: a fold that was changed on disk is blamed on the log',
    file: 'write-side/handle/unfollowed.ts',
    find: 'if (isFirst) void checkState(owner)',
    replace: 'if (!isFirst) void checkState(owner)',
    tests: original,
  },
  {
    name: 'money: a record that was changed is told for ever',
    file: 'write-side/handle/unfollowed.ts',
    find: 'filter((each) => each !== told)',
    replace: 'filter((each) => each === told)',
    tests: original,
  },
  {
    name: 'money: a claim behind a payment is taken for its writer',
    file: 'write-side/event-log/find-commit.ts',
    find: 'behind.seq === seq && claimedAt < countedAt',
    replace: 'behind.seq === seq',
    tests: found,
  },
  {
    name: 'money: a payment that was lost since it was found is given back',
    file: 'write-side/handle/group-commit.ts',
    find: 'request.original.foundFor !== state ?',
    replace: 'request.original.foundFor === undefined ?',
    tests: ['write-side/handle/group-commit.test.ts'],
  },
  {
    name: 'money: a record that was changed since is given back',
    file: 'write-side/event-log/find-commit.ts',
    find: 'behind.seq !== until.seq || behind.hash !== until.hash',
    replace: 'behind.seq !== until.seq',
    tests: found,
  },
  {
    name: 'money: a maker approves what they gave',
    file: 'write-side/decide/proposal.ts',
    find: 'proposal.maker.subject === facts.subject',
    replace: 'proposal.maker.subject === facts.tenant',
    tests: proposals,
  },
  {
    name: 'money: what is approved is not what was looked at',
    file: 'write-side/decide/proposal.ts',
    find: 'proposal.hash !== seen',
    replace: "seen === ''",
    tests: proposals,
  },
  {
    name: 'money: the second of two approvals takes effect, too',
    file: 'write-side/decide/proposal.ts',
    find: "proposal.status !== 'open') return",
    replace: "proposal.status === 'refused') return",
    tests: proposals,
  },
  {
    name: 'money: what lapsed is approved',
    file: 'write-side/decide/proposal.ts',
    find: 'decidedAt > proposal.expiresAt',
    replace: 'decidedAt === proposal.expiresAt',
    tests: proposals,
  },
  {
    name: 'money: a command is done as whoever approves it',
    file: 'write-side/decide/decide.ts',
    find: '{ ...facts, subject: maker.subject, mayBook }',
    replace: '{ ...facts, mayBook }',
    tests: proposals,
  },
  {
    name: 'money: a payment of just what a policy allows waits',
    file: 'write-side/decide/proposal.ts',
    find: 'moved > BigInt(above.amount)',
    replace: 'moved >= BigInt(above.amount)',
    tests: proposals,
  },
  {
    name: 'money: one person alone reopens a period',
    file: 'write-side/decide/policy.ts',
    find: 'isTwoByDefault(type) ? 2 : 1',
    replace: 'isTwoByDefault(type) ? 1 : 1',
    tests: proposals,
  },
  {
    name: 'money: the last closed day takes payments',
    file: 'write-side/decide/value-date.ts',
    find: 'Date.parse(effectiveAt) >= Date.parse(closed.before)',
    replace: 'effectiveAt >= closed.through',
    tests: periods,
  },
  {
    name: 'money: a period is closed over what nobody has looked at',
    file: 'write-side/decide/period.ts',
    find: 'if (touched > seq) {',
    replace: 'if (touched < 0) {',
    tests: periods,
  },
  {
    name: 'money: a period is reopened in front of another',
    file: 'write-side/decide/period.ts',
    find: 'if (last?.periodId !== periodId) {',
    replace: 'if (last === undefined) {',
    tests: periods,
  },
  {
    name: 'money: an account that is frozen for what leaves it pays',
    file: 'write-side/decide/account.ts',
    find: "(isOutgoing || frozen !== 'outgoing')",
    replace: "frozen !== 'outgoing'",
    tests: freezes,
  },
  {
    name: 'money: an account that is frozen for what leaves it is not paid',
    file: 'write-side/decide/account.ts',
    find: "(isOutgoing || frozen !== 'outgoing')",
    replace: '(isOutgoing || frozen !== undefined)',
    tests: freezes,
  },
  {
    name: 'money: what a leg says of the balance is not looked at',
    file: 'write-side/decide/check-legs.ts',
    find: 'stands !== undefined && BigInt',
    replace: 'stands === account && BigInt',
    tests: legs,
  },
]
