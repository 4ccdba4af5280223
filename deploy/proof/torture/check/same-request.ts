import type { Commit } from './commit.ts'
import { type Attempt, type Leg, legsOf } from './read-journal.ts'

/** Whether a commit is what an attempt asked for: by its events, and of what was refused by what it says of that. */
export function isSame(commit: Commit, { path, body }: Attempt): boolean {
  const [, , of, id = '', deed = ''] = path.split('/')
  const compare = comparisons[deed === '' ? (of ?? '') : deed]
  return compare === undefined ? false : compare(commit, body, id)
}

type Body = Attempt['body']
type Compare = (commit: Commit, body: Body, id: string) => boolean

const comparisons: Readonly<Record<string, Compare>> = {
  payments: isSamePayment,
  accounts: ({ opened }, { accountId }) => opened?.split(' ')[0] === accountId,
  refund(commit, { amount, reason }, id) {
    const paymentId = commit.reverses?.paymentId ?? commit.asked?.paymentId
    return paymentId === id && commit.reason === reason && isOfAmount(commit, amount)
  },
  freeze: (commit, { direction = 'all' }, id) => isSameFreeze(commit, id, direction),
  unfreeze: (commit, _, id) => isSameFreeze(commit, id, 'nothing'),
  change({ governed, asked }, { overdraftLimit }, id) {
    const change = governed.changed ?? asked
    return change?.accountId === id && change.overdraftLimit === overdraftLimit
  },
  policies({ governed, asked }, { command, people }) {
    const rule = governed.policy ?? asked
    return rule?.command === command && rule?.people === people
  },
  periods({ governed, asked }, { through, seq }) {
    const period = governed.closed ?? asked
    return period?.through === through && period?.seq === seq
  },
  reopen: ({ governed, asked }, _, id) => (governed.reopened ?? asked)?.periodId === id,
  approve({ governed, asked }, { hash }, id) {
    return governed.approved ? governed.approved.proposalId === id : asked?.proposalId === id && asked.hash === hash
  },
  cancel: ({ steps, asked }, _, id) => {
    const [step] = steps
    return (step && 'paymentId' in step ? step.paymentId : asked?.paymentId) === id
  },
  refuse: ({ governed, asked }, _, id) => (governed.refused ?? asked)?.proposalId === id,
}

/** What a payment moves, and when it counts: where nobody says so, when it is decided. */
function isSamePayment({ legs, effectiveAt, decidedAt, asked }: Commit, body: Body): boolean {
  const text = (all: readonly Leg[]) =>
    all.map(({ account, amount, currency, stands = '' }) => [account, amount, currency, stands].join(' ')).join('\n')
  const counts = effectiveAt === undefined ? asked?.effectiveAt : effectiveAt === decidedAt ? undefined : effectiveAt
  const isThen = counts === body.effectiveAt || effectiveAt === body.effectiveAt
  return isThen && text(legs) === text(legsOf(body))
}

function isSameFreeze({ frozen, asked }: Commit, accountId: string, stops: string): boolean {
  if (frozen) return frozen.accountId === accountId && frozen.stops === stops
  return asked?.accountId === accountId && (stops === 'nothing' || (asked.direction ?? 'all') === stops)
}

/** Whoever says no amount gives all back that is left. */
function isOfAmount({ outcome, asked, reverses, legs }: Commit, amount: string | undefined): boolean {
  if (outcome.kind === 'rejected') return asked?.amount === amount
  const paid = legs.reduce((sum, leg) => (leg.amount.startsWith('-') ? sum : sum + BigInt(leg.amount)), 0n)
  return amount === undefined ? reverses?.whole === true : paid === BigInt(amount)
}
