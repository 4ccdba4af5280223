import type { Mutation } from '../mutation.ts'

const closingStep = 'write-side/decide/closing-step.ts'
const lostClosings = 'write-side/decide/closing-lost.test.ts'
const judged = 'write-side/verify/across/judge-history.test.ts'
const histories = 'write-side/verify/across/lost-histories.test.ts'
const interleaved = 'projections/interleaved.test.ts'
const folded = 'projections/accounts/across.test.ts'
const payment = 'write-side/verify/across/judge-payment.ts'
const followed = 'write-side/verify/across/followed.ts'
const history = 'write-side/verify/across/judge-history.ts'

/** Seeds in which partitions lose history. */
const seed = (number: number) => `deploy/simulate/main.ts --world across --seed ${number}`

/** What readers make of history that partitions have lost, and of what they have made good of it. */
export const historyMutations: readonly Mutation[] = [
  {
    name: 'lost history: a period is closed with figures of what is gone',
    file: closingStep,
    find: 'if (isGone(seal, ledger)) {',
    replace: 'if (isGone({ ...seal, seq: -1 }, ledger)) {',
    tests: [lostClosings],
  },
  {
    name: 'lost history: a period is closed on a seal that is gone',
    file: closingStep,
    find: '!isGone({ partition, seq: at.seq }, ledger)',
    replace: '!isGone({ partition, seq: -at.seq }, ledger)',
    tests: [lostClosings],
  },
  {
    name: 'lost history: what the home of facts has lost of them stands elsewhere',
    file: 'write-side/decide/history.ts',
    find: '...(partition === HOME && lost.length > 0 ? [putFactsKnown(0)] : []),\n',
    replace: '',
    tests: [lostClosings],
  },
  {
    name: 'lost history: who has yet to accept a loss is told of what stands behind it',
    file: 'write-side/decide/history.ts',
    find: 'return isOfHistory(message) || !unansweredIn',
    replace: 'return message.to >= 0 || !unansweredIn',
    tests: ['write-side/decide/facts-lost.test.ts'],
  },
  {
    name: 'lost history: a reader takes a cause that is gone for one that is missing',
    file: payment,
    find: "  if (history.isGone(cause)) return 'gone'\n",
    replace: '',
    tests: [judged, histories],
  },
  {
    name: 'lost history: a reader lets any cause of a partition that lost history be gone',
    file: history,
    find: 'each.previousSeq < seq && seq < each.seq',
    replace: 'seq < each.seq',
    tests: [judged],
  },
  {
    name: 'lost history: a payment that is gone is over though something was posted for it',
    file: followed,
    find: '!isLeft(lastOn(followed, partition))',
    replace: "lastOn(followed, partition) !== 'prepared'",
    tests: [judged],
  },
  {
    name: 'lost history: a payment is over though the answer that ended it is gone',
    file: followed,
    find: '  if (answers.values().some(isGone)) return false\n',
    replace: '',
    tests: [judged],
  },
  {
    name: 'lost history: what was written off need not be what was posted',
    file: followed,
    find: "const isWrittenOff = lastOn(followed, other) === 'written off'",
    replace: 'const isWrittenOff = false',
    tests: [judged],
  },
  {
    name: 'lost history: a payment may be opened again though the answer stands',
    file: payment,
    find: '    if (history.isGone(cause)) return undefined\n',
    replace: '    return undefined\n',
    tests: [judged],
  },
  {
    name: 'lost history: a payment that was opened again ends on the word of all',
    file: payment,
    find: '  followed.asks = data.asks\n',
    replace: '',
    tests: [histories, judged],
  },
  {
    name: 'lost history: what never lost anything may learn, and force',
    file: payment,
    find: '!judging.history.hasResumed(partition)',
    replace: 'false',
    tests: [judged],
  },
  {
    name: 'lost history: what is there may be written off',
    file: payment,
    find: "const isKept = ground === 'resumed' && step.kind !== 'reopened'",
    replace: "const isKept = ground === 'prepare'",
    tests: [judged],
  },
  {
    name: 'lost history: what is forced may go anywhere',
    file: followed,
    find: "(kind === 'forced' && text === inSuspense(wanted, partition))",
    replace: "kind === 'forced'",
    tests: [judged],
  },
  {
    name: 'lost history: what is forced may not stand in suspense',
    file: followed,
    find: "(kind === 'forced' && text === inSuspense(wanted, partition))",
    replace: 'text === inSuspense(wanted, -1)',
    tests: [judged],
  },
  {
    name: 'lost history: nobody need name the resume that is accepted',
    file: history,
    find: 'if (found === undefined) return tell(',
    replace: 'if (found === undefined) return []\n          if (found === undefined) return tell(',
    tests: [judged],
  },
  {
    name: 'lost history: a read model holds what was let go of as lost',
    file: 'projections/accounts/across.ts',
    find: "    case 'LegsReleased':\n      hold(",
    replace: "    case 'LegsReleased':\n      if (!event.data.code) hold(",
    tests: [interleaved],
  },
  {
    name: 'lost history: a read model knows of no suspense',
    file: 'projections/accounts/across.ts',
    find: '      moveOwn(batch, commit, event.data)\n',
    replace: '',
    tests: [folded],
  },
  {
    name: 'lost history: a read model forgets that an account was forced below its limit with the next entry',
    file: 'projections/accounts/account-row.ts',
    find: 'if (account.forced_at !== null && !isBelowLimit(account))',
    replace: 'if (account.forced_at !== null)',
    tests: [folded],
  },
  {
    name: 'lost history: what was opened again is not under way',
    file: 'projections/reconciliation/across.ts',
    find: "event.data.outcome === 'completed' ? 'posting' : 'releasing')",
    replace: "'ended')",
    tests: ['read-side/reconciliation/across.int-test.ts'],
  },
  {
    name: 'lost history: what is written off stays on its way',
    file: 'projections/reconciliation/across.ts',
    find: "    case 'LegsWrittenOff':\n      postLegs(batch, commit, event.data)\n",
    replace: '      postLegs(batch, commit, event.data)\n',
    tests: [interleaved],
  },
  {
    name: 'lost history: a partition that lost history asks nobody',
    file: 'write-side/decide/history.ts',
    find: 'unanswered: isAsked ? others : unansweredIn(ledger)',
    replace: 'unanswered: unansweredIn(ledger)',
    tests: [seed(12), histories],
  },
  {
    name: 'lost history: what a history said that is gone is handled',
    file: 'write-side/decide/history.ts',
    find: '  return asOf < sinceOf(from, ledger)\n',
    replace: '  return asOf < 0 && sinceOf(from, ledger) > 0\n',
    tests: [histories],
  },
  {
    name: 'lost history: messages are handled before their sender has answered',
    file: 'write-side/decide/history.ts',
    find: 'return isOfGone(said, ledger) || unansweredIn(ledger).includes(said.from)',
    replace: 'return isOfGone(said, ledger)',
    tests: [histories],
  },
  {
    name: 'lost history: open payments go on before all have answered',
    file: 'write-side/decide/history.ts',
    find: 'return waitedFor.length > 0 && participants.some((each) => waitedFor.includes(each))',
    replace: 'return waitedFor.length > 99 && participants.some((each) => waitedFor.includes(each))',
    tests: [histories],
  },
  {
    name: 'lost history: what was promised for a payment that is gone stays',
    file: 'write-side/decide/lost-history.ts',
    find: "return [...each('promised', promised), ...each('posted', posted)]",
    replace: "return [...each('posted', posted)]",
    tests: [histories],
  },
  {
    name: 'lost history: what was posted for a payment that is gone stays',
    file: 'write-side/decide/lost-history.ts',
    find: "return [...each('promised', promised), ...each('posted', posted)]",
    replace: "return [...each('promised', promised)]",
    tests: [seed(16), histories],
  },
  {
    name: 'lost history: an open payment goes on as if nobody had posted it',
    file: 'write-side/decide/answer-history.ts',
    find: "return state === 'posted' && before !== undefined && before !== 'completed' && before !== 'failed'",
    replace: "return state === 'refused' && before === 'asked'",
    tests: [seed(28), histories],
  },
  {
    name: 'lost history: what has ended on an answer that is gone stays ended',
    file: 'write-side/decide/lost-history.ts',
    find: 'if (!isGone(each) || outcome === undefined || asked.includes(from)) return undefined',
    replace: 'if (begun) return undefined',
    tests: [seed(16), histories],
  },
  {
    name: 'lost history: a payment that was opened again asks all',
    file: 'write-side/decide/answer-history.ts',
    find: 'data: { ...begun, outcome, asks } }',
    replace: 'data: { ...begun, outcome, asks: begun.participants } }',
    tests: [seed(16), histories],
  },
  {
    name: 'lost history: who was asked again before is not asked any more',
    file: 'write-side/decide/answer-history.ts',
    find: 'const asks = [...(saga ? asksOf(saga) : []), from]',
    replace: 'const asks = [...(saga ? [] : []), from]',
    tests: [seed(88), histories],
  },
  {
    name: 'lost history: who lost its promise is told to post without being told what',
    file: 'write-side/decide/saga-messages.ts',
    find: "(kind === 'commit' && !repaired)",
    replace: "kind === 'commit'",
    tests: [seed(16), histories],
  },
  {
    name: 'lost history: an answer that is gone is counted all the same',
    file: 'write-side/decide/history.ts',
    find: '!isGone({ partition: from, seq: at.seq }, ledger)\n',
    replace: '!isGone({ partition: from, seq: -at.seq }, ledger)\n',
    tests: [histories],
  },
  {
    name: 'lost history: what is said of a loss is taken for a position that is given again',
    file: 'write-side/decide/lost-history.ts',
    find: "const isOfHistory = commit.command.type === 'AcceptHistory' || commit.command.type === 'LearnHistory'",
    replace: "const isOfHistory = commit.command.type === 'AcceptHistory'",
    tests: [seed(12), seed(20)],
  },
  {
    name: 'lost history: who knows of a loss is not asked again once it has lost what it knew',
    file: 'write-side/decide/history.ts',
    find: 'const asksAnew = lost.length > 0 && ownResume(ledger) !== undefined',
    replace: 'const asksAnew = lost.length > 99 && ownResume(ledger) !== undefined',
    tests: [seed(12), histories],
  },
]
