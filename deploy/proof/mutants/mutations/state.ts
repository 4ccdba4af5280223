import type { Mutation } from '../mutation.ts'

const payment = ['write-side/decide/payment.test.ts'] as const
const tenants = ['write-side/decide/tenants.test.ts'] as const
const legs = ['write-side/decide/payment-legs.test.ts'] as const
const store = [
  'write-side/state/state-store.test.ts > on a disk: memory',
  'write-side/state/key-index.test.ts',
] as const
const layers = ['write-side/state/ledger-state.test.ts'] as const
const judge = ['write-side/verify/judge.test.ts'] as const
const across = ['write-side/verify/across/judge-across.test.ts'] as const

/** What the owner decides on, and what judges it afterwards. */
export const stateMutations: readonly Mutation[] = [
  {
    name: 'decide: a payment may pass the overdraft limit',
    file: 'write-side/decide/booking.ts',
    find: '    checkFunds(asked) ??\n    checkEachBalance(asked)\n  if (refusal) return refusal',
    replace: '    checkEachBalance(asked)\n  if (refusal) return refusal',
    tests: payment,
  },
  {
    name: 'decide: a balance may leave 64 bits',
    file: 'write-side/decide/check-legs.ts',
    find: 'balanceMinor + dueMinor > MAX_BALANCE_MINOR || balanceMinor',
    replace: 'balanceMinor + dueMinor > MAX_BALANCE_MINOR && balanceMinor',
    tests: payment,
  },
  {
    name: 'decide: money comes from nowhere',
    file: 'write-side/decide/check-legs.ts',
    find: '(movements.get(account) ?? 0n) + BigInt(amount)',
    replace: "(movements.get(account) ?? 0n) + BigInt(amount.startsWith('-') ? '0' : amount)",
    tests: ['write-side/decide/payment.test.ts', 'write-side/handle/partition-owner.test.ts'],
  },
  {
    name: 'decide: an account is known by its id alone',
    file: 'write-side/decide/account.ts',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is a line of the source
    find: 'return `${tenant}\\n${accountId}` as',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is a line of the source
    replace: 'return `${tenant && accountId}` as',
    tests: tenants,
  },
  {
    name: 'decide: readers that know an account by its id alone meet two of them',
    file: 'write-side/decide/account.ts',
    find: 'facts.generation < ACCOUNT_KEY_GENERATION',
    replace: 'facts.generation < 1',
    tests: tenants,
  },
  {
    name: 'decide: anybody pays from any account',
    file: 'write-side/decide/check-legs.ts',
    find: '!(isPaid || facts.mayBook || account.owner === facts.subject)',
    replace: '!(isPaid || facts.mayBook || account.owner.length > 0)',
    tests: payment,
  },
  {
    name: 'decide: an assertion tells where the account of another stands',
    file: 'write-side/decide/check-legs.ts',
    find: 'isCredit(leg) && leg.stands === undefined',
    replace: 'isCredit(leg)',
    tests: legs,
  },
  {
    name: 'decide: an assertion below what is there holds',
    file: 'write-side/decide/check-legs.ts',
    find: 'BigInt(stands) !== behind[index]',
    replace: 'BigInt(stands) > (behind[index] ?? 0n)',
    tests: legs,
  },
  {
    name: 'decide: an assertion is of the balance in front of its leg',
    file: 'write-side/decide/check-legs.ts',
    find: '    return balanceMinor\n',
    replace: '    return balanceMinor - BigInt(amount)\n',
    tests: legs,
  },
  {
    name: 'decide: a payment is about whoever is debited first',
    file: 'write-side/decide/check-legs.ts',
    find: 'ids.toSorted()',
    replace: 'ids',
    tests: legs,
  },
  {
    name: 'state: the keys that are being written are not looked up',
    file: 'write-side/state/ledger-state.ts',
    find: 'freshKeys.get(scopedKey) ?? writingKeys.get(scopedKey) ?? reading',
    replace: 'freshKeys.get(scopedKey) ?? reading',
    tests: layers,
  },
  {
    name: 'state: the accounts that are being written are not looked up',
    file: 'write-side/state/ledger-state.ts',
    find: 'const fresh = overlayOn(writing)',
    replace: 'const fresh = overlayOn(store)',
    tests: layers,
  },
  {
    name: 'state: the mark is ahead of what is written',
    file: 'write-side/state/ledger-state.ts',
    find: '      const to = current\n      beingWritten = changes\n      unwritten = []\n',
    replace: '      beingWritten = changes\n      unwritten = []\n      await undefined\n      const to = current\n',
    tests: layers,
  },
  {
    name: 'state: the key of an entry is not compared',
    file: 'write-side/state/state-store.ts',
    find: 'return scopedKey === wanted ? { seq, ...entry } : undefined',
    replace: "return scopedKey !== '' || wanted ? { seq, ...entry } : undefined",
    tests: layers,
  },
  {
    name: 'state: two workers write one directory',
    file: 'write-side/state/state-store.ts',
    find: 'if (!sameMark(mark(), from)) return true',
    replace: 'if (!sameMark(mark(), mark())) return true',
    tests: store,
  },
  {
    name: 'state: keys are dropped at once',
    file: 'write-side/state/state-store.ts',
    find: 'to.fold.agedMs - keyRetentionDays * DAY_MS',
    replace: 'to.fold.agedMs',
    tests: store,
  },
  {
    name: 'state: keys are never dropped',
    file: 'write-side/state/state-store.ts',
    find: 'if (agedMs >= horizonMs) return',
    replace: 'if (agedMs >= horizonMs || horizonMs > 0) return',
    tests: store,
  },
  {
    name: 'state: keys that waited for their slice are not found again',
    file: 'write-side/state/state-store.ts',
    find: '    keys.add(decodeKeyEntry(value).scopedKey, seq)\n  return keys',
    replace: '    decodeKeyEntry(value)\n  return keys',
    tests: store,
  },
  {
    name: 'state: an edited value is believed',
    file: 'write-side/state/check-tables.ts',
    find: 'if (textIn(opened.meta.get(DIGEST)) !== digest.read())',
    replace: 'if (textIn(opened.meta.get(DIGEST)) === undefined)',
    tests: ['write-side/state/check-tables.test.ts'],
  },
  {
    name: 'state: the state of another ledger is believed',
    file: 'write-side/state/check-tables.ts',
    find: 'if (genesis && genesis.ledgerId !== expected.ledgerId)',
    replace: 'if (genesis && genesis.ledgerId === undefined)',
    tests: ['write-side/state/check-tables.test.ts'],
  },
  {
    name: 'state: what was found to be edited is opened again',
    file: 'write-side/state/state-opener.ts',
    find: 'if (isUseless(verdict)) isTrusted = false',
    replace: 'isUseless(verdict)',
    tests: ['write-side/state/state-opener.test.ts'],
  },
  {
    name: 'state: an edited state is kept beside the new one',
    file: 'write-side/state/state-store.ts',
    find: '  if (isUseless(verdict)) await disk.discard()\n',
    replace: '',
    tests: ['write-side/handle/harmed-state.test.ts', 'write-side/state/state-opener.test.ts'],
  },
  {
    name: 'state: a state that cannot be read is decided on again',
    file: 'write-side/state/ledger-state.ts',
    find: 'orFail((error) => writer.fail(error))',
    replace: 'orFail((error) => log.warn({ err: error }))',
    tests: ['write-side/handle/harmed-state.test.ts'],
  },
  {
    name: 'verify: an accepted payment is not judged',
    file: 'write-side/verify/judge-commit.ts',
    find: 'if (broughtRule(code, table) > generation) return undefined',
    replace: 'if (broughtRule(code, table) >= generation) return undefined',
    tests: judge,
  },
  {
    name: 'verify: other events than were decided are no fault',
    file: 'write-side/verify/judge-commit.ts',
    find: 'if (isDeepStrictEqual(asWritten(decision.events), asWritten(commit.events))) return undefined',
    replace: 'if (decision.events.length > 0) return undefined',
    tests: judge,
  },
  {
    name: 'verify: a step of a payment across partitions may lead to anything',
    file: 'write-side/verify/judge-step.ts',
    find: 'if (isDeepStrictEqual(stepped.events.map(asJudged), commit.events.map(asJudged))) return undefined',
    replace: 'if (stepped.events.length > 0) return undefined',
    tests: ['write-side/verify/judge-step.test.ts'],
  },
  {
    name: 'verify: what another partition says is compared with what was read before it alone',
    file: 'write-side/verify/across/judge-payment.ts',
    find: 'for (const waiting of followed.waiting.splice(0)) judgeCause(judging, followed, waiting)',
    replace: 'for (const waiting of followed.waiting.splice(99)) judgeCause(judging, followed, waiting)',
    tests: across,
  },
  {
    name: 'verify: what was not read yet is a fault',
    file: 'write-side/verify/across/judge-payment.ts',
    find: "if (seq > (read[partition] ?? 0)) return 'unread'",
    replace: "if (seq > 99 + (read[partition] ?? 0)) return 'unread'",
    tests: across,
  },
  {
    name: 'verify: a participant may take other legs upon itself than it was asked for',
    file: 'write-side/verify/across/judge-payment.ts',
    find: '!isAnswer || isAsAsked(step, followed.begun.legs.get(step.partition))) return',
    replace: '!isAnswer || step.legs !== undefined) return',
    tests: across,
  },
]
