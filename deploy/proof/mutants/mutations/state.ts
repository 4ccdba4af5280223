import type { Mutation } from '../mutation.ts'

const payment = ['write-side/decide/payment.test.ts'] as const

/** What the owner decides on. */
export const stateMutations: readonly Mutation[] = [
  {
    name: 'decide: a payment may pass the overdraft limit',
    file: 'write-side/decide/payment.ts',
    find: '    checkBalances(data.postings, accounts) ??\n',
    replace: '',
    tests: payment,
  },
  {
    name: 'decide: a balance may leave 64 bits',
    file: 'write-side/decide/payment.ts',
    find: ' ??\n    checkRange(data.postings, accounts)',
    replace: '',
    tests: payment,
  },
  {
    name: 'decide: money comes from nowhere',
    file: 'write-side/decide/payment.ts',
    find: '(movements.get(posting.from) ?? 0n) - amountMinor',
    replace: '(movements.get(posting.from) ?? 0n)',
    tests: payment,
  },
  {
    name: 'decide: anybody pays from any account',
    file: 'write-side/decide/payment.ts',
    find: '!(facts.mayBook || from.owner === facts.subject)',
    replace: '!(facts.mayBook || from.owner.length > 0)',
    tests: payment,
  },
]
