import type { Mutation } from '../mutation.ts'

const rules = ['write-side/decide/saga.test.ts'] as const
const booking = 'write-side/decide/booking.ts'
const cancel = 'write-side/decide/cancel-payment.ts'
const messages = 'write-side/decide/saga-messages.ts'
const movedLegs = 'write-side/decide/moved-legs.ts'
const saga = 'write-side/decide/saga.ts'
const step = 'write-side/decide/step.ts'
const steps = 'write-side/decide/steps.ts'
const seed = (number: number) => [`deploy/simulate/main.ts --world across --seed ${number}`] as const

/** What partitions decide of payments across them, and what they say to each other. */
export const acrossMutations: readonly Mutation[] = [
  {
    name: 'across: the promise to whom another one decides ends by time',
    file: step,
    find: "if (saga?.state === 'preparing') {",
    replace: 'if (saga) {',
    tests: [...seed(6), ...rules],
  },
  {
    name: 'across: a cancel gives back what another one decides',
    file: cancel,
    find: "if (saga.state === 'asked') {",
    replace: "if (saga.state === 'none') {",
    tests: seed(1),
  },
  {
    name: 'across: a cancel after the decision',
    file: cancel,
    find: "(saga.state !== 'preparing' && saga.state !== 'asked')",
    replace: "saga.state === 'cancelling'",
    tests: seed(1),
  },
  {
    name: 'across: a participant forgets what it has posted',
    file: saga,
    find: "return [...all, ...putStep(paymentId, { state: 'posted', sides, at: saidAt(facts) }, ledger)]",
    replace: 'return all',
    tests: seed(1),
  },
  {
    name: 'across: a participant forgets what it has refused',
    file: saga,
    find: "    putStep(paymentId, { state: 'refused', rejection, at: saidAt(facts) }, ledger),",
    replace: '    [],',
    tests: seed(1),
  },
  {
    name: 'across: a participant forgets what it was to let be',
    file: 'write-side/decide/participant-step.ts',
    find: "if (kind === 'cancel') return step ? nothing : commit(refusedLegs(payment, cancelled))",
    replace: "if (kind === 'cancel') return nothing",
    tests: seed(1),
  },
  {
    name: 'across: what was ended long ago is taken for new',
    file: 'write-side/decide/participant-step.ts',
    find: 'if (!step && placeOfId(payment).seq < lowOf(from, ledger)) return nothing',
    replace: '',
    tests: seed(6),
  },
  {
    name: 'across: below the newest open payment all is said to be ended',
    file: messages,
    find: 'openWith(to, ledger)[0] ?? seq + 1',
    replace: 'openWith(to, ledger).at(-1) ?? seq + 1',
    tests: seed(1),
  },
  {
    name: 'across: one payment too many is forgotten',
    file: steps,
    find: 'if (kept.length === seqs.length) continue',
    replace:
      'for (const seq of seqs) if (seq === below) puts.push(forgottenStep(paymentIdAt(coordinator, seq), ledger))',
    tests: seed(1),
  },
  {
    name: 'across: what is decided is ended',
    file: step,
    find: "const isLast = saga.state !== 'preparing' || (message.kind === 'refused' && asksOf(saga).length === 1)",
    replace: 'const isLast = true',
    tests: seed(1),
  },
  {
    name: 'across: the only one who refused is told so',
    file: step,
    find: "(message.kind === 'refused' && asksOf(saga).length === 1)",
    replace: 'false',
    tests: [...seed(9), ...rules],
  },
  {
    name: 'across: legs are promised and posted again at each repetition',
    file: 'write-side/decide/participant-step.ts',
    find: 'return step ? nothing : commit(ownLegs(message, ledger, facts))',
    replace: 'return commit(ownLegs(message, ledger, facts))',
    tests: seed(1),
  },
  {
    name: 'across: the first promise decides',
    file: step,
    find: 'return promised.length === asks.length ? promised : []',
    replace: 'return promised',
    tests: seed(2),
  },
  {
    name: 'across: promises are counted, whoever gave them',
    file: step,
    find: 'asks.map((each) => heard.get(each)).filter(',
    replace: '[...heard.values(), ...asks.map(() => message)].slice(0, asks.length).filter(',
    tests: seed(2),
  },
  {
    name: 'across: several are asked to decide',
    file: booking,
    find: 'const settles = more.length === 0 && (facts',
    replace: 'const settles = (facts',
    tests: seed(1),
  },
  {
    name: 'across: the first debited leg in the order sent decides where',
    file: 'write-side/decide/check-legs.ts',
    find: 'const [first] = ids.toSorted()',
    replace: 'const [first] = ids',
    tests: seed(2),
  },
  {
    name: 'across: money that is promised is there for others',
    file: 'write-side/decide/check-legs.ts',
    find: 'account.balanceMinor - (account.heldMinor ?? 0n) + BigInt(',
    replace: 'account.balanceMinor + BigInt(',
    tests: [...seed(7), ...rules],
  },
  {
    name: 'across: room that is kept for a credit is there for others',
    file: 'write-side/decide/check-legs.ts',
    find: 'balanceMinor + dueMinor > MAX_BALANCE_MINOR',
    replace: 'balanceMinor > MAX_BALANCE_MINOR',
    tests: rules,
  },
  {
    name: 'across: any number of payments is open with a partition that does not answer',
    file: booking,
    find: 'openWith(other, ledger).length >= MOST_OPEN',
    replace: 'openWith(other, ledger).length < 0',
    tests: rules,
  },
  {
    name: 'across: one payer takes the places of all toward a partition that does not answer',
    file: 'write-side/decide/open-payments.ts',
    find: '>= MOST_OPEN - openWith(other, ledger).length',
    replace: '>= MOST_OPEN',
    tests: rules,
  },
  {
    name: 'across: places that were given back are counted as taken',
    file: 'write-side/decide/open-payments.ts',
    find: 'openOf(way, ledger) - length',
    replace: 'openOf(way, ledger)',
    tests: rules,
  },
  {
    name: 'across: an account closes while a credit is promised to it',
    file: 'write-side/decide/account.ts',
    find: 'if (account.heldMinor || account.dueMinor) {',
    replace: 'if (account.heldMinor) {',
    tests: seed(12),
  },
  {
    name: 'across: a promise is checked again',
    file: 'write-side/decide/participant-step.ts',
    find: 'if (step?.promised && step.sides) return commit(',
    replace: `const again = { tenant, subject: actor.subject, mayBook: true, paymentId: payment, ...facts }
  const legs = (step?.promised?.legs ?? []).map((leg) => ({ ...leg, leg: 0 }))
  const effectiveAt = step?.promised?.effectiveAt
  const refused = legs.length > 0 && 'kind' in decideOwnLegs({ legs, effectiveAt }, ledger, again)
  if (refused && kind === 'commit') return commit(toldOf({ ...message, kind: 'cancel' }, step.promised, step.sides))
  if (step?.promised && step.sides) return commit(`,
    tests: seed(2),
  },
  {
    name: 'across: what is released stays held',
    file: saga,
    find: 'const released = putHeld(legs, -1n, ledger, facts)',
    replace: 'const released = isOwn(paymentId, facts) ? putHeld(legs, -1n, ledger, facts) : []',
    tests: seed(1),
  },
  {
    name: 'across: what is posted as promised stays held',
    file: movedLegs,
    find: 'const free = promised ? withHeld(account, minor, -1n) : account',
    replace: 'const free = account',
    tests: seed(1),
  },
  {
    name: 'across: what is ended stays open',
    file: 'write-side/decide/open-payments.ts',
    find: 'open.delete(seq)',
    replace: 'open.has(seq)',
    tests: seed(1),
  },
  {
    name: 'across: what passes stands on the wrong side',
    file: step,
    find: 'const between = participants.flatMap((other) => passed(other, legsOn(other, legs, facts), 1n))',
    replace: 'const between = participants.flatMap((other) => passed(facts.partition, legsOn(other, legs, facts), 1n))',
    tests: seed(1),
  },
  {
    name: 'across: a refund that failed is not taken back',
    file: saga,
    find: 'const taken = saga.reverses ?',
    replace: 'const taken = saga.tenant === saga.reverses ?',
    tests: ['write-side/decide/saga.test.ts'],
  },
]
