import type { Mutation } from '../mutation.ts'

const engine = 'write-side/handle/sagas/saga-engine.ts'
const state = 'write-side/state/partition-state.ts'
const seed = (number: number) => [`deploy/simulate/main.ts --world across --seed ${number}`] as const

/** How owners go on with payments across partitions, what they keep of them, and what callers are told. */
export const acrossOwnerMutations: readonly Mutation[] = [
  {
    name: 'across: a payment that is under way is given back',
    file: 'write-side/handle/make-commit.ts',
    find: "if ('open' in entry && entry.open) return { originalOutcome: 'open' }",
    replace: '',
    tests: seed(52),
  },
  {
    name: 'across: a step does not say what it rests on',
    file: 'write-side/handle/make-commit.ts',
    find: '...(causes.length === 0 ? {} : { causes: [...causes] }),',
    replace: '',
    tests: seed(1),
  },
  {
    name: 'across: callers are never told what became of it',
    file: state,
    find: '  if (began) puts.push(put(sagaKeys, began, key))\n',
    replace: '',
    tests: seed(1),
  },
  {
    name: 'across: where several ended together all are seen where the first is',
    file: state,
    find: '    next += own.length\n    if (!kept) return []',
    replace: '    if (!kept) return []',
    tests: seed(5),
  },
  {
    name: 'across: answers are lost when the worker begins anew',
    file: 'write-side/state/write-changes.ts',
    find: 'for (const kept of change.answered) answerLater(opened.keyEntries, digest, kept)',
    replace: '',
    tests: seed(3),
  },
  {
    name: 'across: promises are lost when the worker begins anew',
    file: 'write-side/decide/account-state.ts',
    find: '    ...(heldMinor === undefined ? {} : { heldMinor: BigInt(heldMinor) }),\n',
    replace: '',
    tests: seed(3),
  },
  {
    name: 'across: whoever has no key of the ledger is believed',
    file: 'write-side/handle/sagas/message-codec.ts',
    find: 'said.length === own.length && timingSafeEqual(said, own)',
    replace: 'said.length === own.length',
    tests: seed(2),
  },
  {
    name: 'across: nothing is asked for again',
    file: 'write-side/handle/sagas/go-on.ts',
    find: '    way.tries += 1\n    say(engine, payment)\n',
    replace: '    way.tries += 1\n',
    tests: seed(1),
  },
  {
    name: 'across: a new owner goes on with nothing',
    file: 'write-side/handle/sagas/speak.ts',
    find: 'for (const payment of openIn(partition, partitions, ledger)) changed(engine, payment)',
    replace: 'for (const payment of openIn(partition, partitions, ledger).slice(0, 0)) changed(engine, payment)',
    tests: seed(1),
  },
  {
    name: 'across: a repetition is not answered',
    file: 'write-side/handle/sagas/saga-engine.ts',
    find: '  else if (isRequest(message)) say(engine, message.payment)\n',
    replace: '',
    tests: seed(1),
  },
  {
    name: 'across: a payment never goes over its time',
    file: 'write-side/handle/sagas/go-on.ts',
    find: 'if (leftMs <= 0) queue',
    replace: 'if (leftMs > 0) queue',
    tests: seed(6),
  },
  {
    name: 'across: a payment that is decided never ends',
    file: 'write-side/handle/sagas/go-on.ts',
    find: 'if (doneBy(saga, stillSaid(heard.of(payment), ledger))) done.push',
    replace: 'if (doneBy(saga, stillSaid(heard.of(payment), ledger))) [].push',
    tests: seed(1),
  },
  {
    name: 'across: who was deposed and does not know it puts aside what it cannot know',
    file: engine,
    find: "if (outcome.kind === 'parked' && !retaken.has(step)) strange.push(step)",
    replace: "if (outcome.kind === 'none') strange.push(step)",
    tests: seed(2),
  },
  {
    name: 'across: what was heard of earlier payments is heard of all',
    file: 'write-side/handle/sagas/heard.ts',
    find: 'const answers = heard.get(answer.payment) ?? new Map<number, Answer>()',
    replace: 'const answers = heard.values().next().value ?? new Map()',
    tests: seed(1),
  },
  {
    name: 'across: what was heard as a partition is handed over is heard by nobody',
    file: 'write-side/handle/serve-partition.ts',
    find: 'owner.sagas.handOn(owner.queue.steps())',
    replace: '',
    tests: ['write-side/handle/sagas/hand-on.test.ts'],
  },
  {
    name: 'across: who waits at a worker that has handed over waits on there',
    file: 'write-side/handle/partition-owner.ts',
    find: "if (owner.phase === 'waiting for the lease') return { ...first, movedOn: true }",
    replace: '',
    tests: ['write-side/receive/moved-on.int-test.ts'],
  },
]
