import type { Mutation } from '../mutation.ts'

const request = ['schemas/api/payment.test.ts'] as const
const versions = ['schemas/log/payment-versions.test.ts'] as const
const layout = ['schemas/log/usual-payment.test.ts'] as const
const generations = ['write-side/handle/generations.test.ts'] as const

/** What a request may say, and what is written of it in each generation. */
export const shapeMutations: readonly Mutation[] = [
  {
    name: 'legs: more may leave accounts than comes to others',
    file: 'schemas/left-over.ts',
    find: 'sum !== 0n',
    replace: 'sum > 0n',
    tests: request,
  },
  {
    name: 'legs: the currencies are summed up together',
    file: 'schemas/left-over.ts',
    find: 'sums.set(currency, (sums.get(currency) ?? 0n) + BigInt(amount))',
    replace: "sums.set('all', (sums.get('all') ?? 0n) + BigInt(currency ? amount : 0))",
    tests: request,
  },
  {
    name: 'legs: a record whose legs do not balance is read',
    file: 'schemas/log/event.ts',
    find: 'leftOver(legs).length === 0',
    replace: 'leftOver(legs).length >= 0',
    tests: ['schemas/log/ledger-record.test.ts'],
  },
  {
    name: 'legs: an account may stand on both sides',
    file: 'schemas/api/payment.ts',
    find: 'if (sides.get(account) === !leaves) {',
    replace: 'if (sides.get(account) === !leaves && index < 0) {',
    tests: request,
  },
  {
    name: 'versions: an earlier one leaves an assertion out',
    file: 'schemas/log/payment-versions.ts',
    find: 'legs.some(({ stands }) => stands !== undefined) ? undefined : postingsOf(legs)',
    replace: 'postingsOf(legs)',
    tests: versions,
  },
  {
    name: 'versions: an earlier one leaves out whom texts are about',
    file: 'schemas/log/payment-versions.ts',
    find: ' || personal?.subject !== undefined',
    replace: '',
    tests: versions,
  },
  {
    name: 'versions: pairs in any order are postings',
    file: 'schemas/log/payment-versions.ts',
    find: 'from.pair !== index / 2 + 1',
    replace: 'from.pair === undefined',
    tests: versions,
  },
  {
    name: 'versions: the payee of a posting has the first leg',
    file: 'schemas/log/payment-versions.ts',
    find: '  return legs\n}',
    replace: '  return legs.reverse()\n}',
    tests: versions,
  },
  {
    name: 'the usual payment: its two legs may move different amounts',
    file: 'schemas/log/usual-payment.ts',
    find: 'const again = (name: string) =>',
    replace: 'const again = (_: string) => plain\nexport const another = (name: string) =>',
    tests: layout,
  },
  {
    name: 'generations: what nobody announced is read',
    file: 'write-side/event-log/fold.ts',
    find: 'decodeRecord(record.value, Math.max(1, generation))',
    replace: 'decodeRecord(record.value, Math.max(2, generation))',
    tests: ['write-side/event-log/fold-unknown.test.ts'],
  },
  {
    name: 'generations: the usual payment is read before anybody announced its layout',
    file: 'schemas/log/usual-payment.ts',
    find: 'generation < LEGS_GENERATION ? undefined',
    replace: 'generation < 0 ? undefined',
    tests: ['write-side/event-log/fold-unknown.test.ts'],
  },
  {
    name: 'generations: legs are decided though the ledger has no words for them',
    file: 'write-side/decide/payment.ts',
    find: 'asked.legs ? LEGS_GENERATION : 1)',
    replace: 'asked.legs ? 1 : 1)',
    tests: generations,
  },
  {
    name: 'generations: the first one is told whom texts are about',
    file: 'write-side/decide/booking.ts',
    find: 'subject !== undefined && facts.generation >= PERSONAL_GENERATION',
    replace: 'subject !== undefined',
    tests: generations,
  },
  {
    name: 'generations: what is refused is kept apart in the first one, too',
    file: 'write-side/handle/make-commit.ts',
    find: 'generation < PERSONAL_GENERATION',
    replace: 'generation < 1',
    tests: generations,
  },
  {
    name: 'records: what a worker appends is not read before',
    file: 'schemas/log/ledger-record.ts',
    find: 'if (!isReadAsUsual(text, commit, generation)) orMalformed',
    replace: 'if (!isReadAsUsual(text, commit, generation) && commit.seq < 0) orMalformed',
    tests: ['write-side/handle/group-commit.test.ts'],
  },
  {
    name: 'the usual payment: a worker takes any ids for such as are read',
    file: 'schemas/log/usual-payment.ts',
    find: '    areIds({ paymentId, from: payer.account, to: payee.account, about: personal?.subject }) &&',
    replace: '    payer.account !== payee.account &&',
    tests: ['schemas/log/usual-payment.test.ts'],
  },
  {
    name: 'generations: the first one has the key of later ones',
    file: 'write-side/decide/payment.ts',
    find: 'generation < PERSONAL_GENERATION ? payers.slice(0, 1) : payers',
    replace: 'generation < 1 ? payers.slice(0, 1) : payers',
    tests: generations,
  },
]
