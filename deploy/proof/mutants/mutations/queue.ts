import type { Mutation } from '../mutation.ts'

const inDoubt = ['write-side/handle/in-doubt.test.ts'] as const
const owner = ['write-side/handle/partition-owner.test.ts', 'write-side/handle/in-doubt.test.ts'] as const
const commandQueue = 'write-side/handle/command-queue.ts'

/** Who waits for a decision, and under which key. */
export const queueMutations: readonly Mutation[] = [
  {
    name: 'queue: a key is free once its caller was told that the outcome is unknown',
    file: commandQueue,
    find: 'if (waiting.drafted) waiting.tell(unknownOutcome)',
    replace: 'if (waiting.drafted) waiting.settle(unknownOutcome)',
    tests: inDoubt,
  },
  {
    name: 'queue: void commands whose caller left are decided again',
    file: commandQueue,
    find: 'const kept = waiting.filter((each) => !answered.has(each))',
    replace: 'const kept = waiting',
    tests: inDoubt,
  },
  {
    name: 'queue: what waited too long is told that it is unknown, and stays in the queue',
    file: commandQueue,
    find: 'queue = queue.filter((waiting) => !answered.has(waiting))',
    replace: 'queue = queue.slice()',
    tests: owner,
  },
  {
    name: 'queue: what may be in the log is told that nothing was appended',
    file: commandQueue,
    find: 'if (waiting.drafted) waiting.tell(unknownOutcome)\n    else waiting.settle(tooBusy)',
    replace: 'waiting.settle(tooBusy)',
    tests: owner,
  },
  {
    name: 'queue: a retry of what is in doubt is told what a new command is',
    file: commandQueue,
    find: 'if (other) return Promise.resolve(refusal && other.drafted ? unknownOutcome : inFlight)\n      if (refusal)',
    replace: 'if (other && !refusal) return Promise.resolve(inFlight)\n      if (refusal)',
    tests: inDoubt,
  },
  {
    name: 'queue: the same key is decided twice at a time',
    file: commandQueue,
    find: 'const other = open.get(key)',
    replace: "const other = open.get(key + ' ')",
    tests: owner,
  },
  {
    name: 'queue: another request is told the answer of the first with its key',
    file: commandQueue,
    find: 'if (other && !isStep(other.request) && !isSameRequest(other.request, request))',
    replace: "if (other && request.requestHash === '')",
    tests: owner,
  },
  {
    name: 'queue: a refund waits anew once its payment was found',
    file: 'write-side/handle/partition-owner.ts',
    find: 'original: found }, refusalOf(owner), since)',
    replace: 'original: found }, refusalOf(owner))',
    tests: ['write-side/handle/answer-in-time.test.ts'],
  },
  {
    name: 'queue: who waits behind a caller who came later is not answered in time',
    file: commandQueue,
    find: 'filter(({ since }) => since <= beforeMs)',
    replace: 'filter((_, index, all) => all.slice(0, index + 1).every(({ since }) => since <= beforeMs))',
    tests: ['write-side/handle/answer-in-time.test.ts'],
  },
]
