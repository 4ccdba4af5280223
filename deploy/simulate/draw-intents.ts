import { ChangeAccount, ChangeStatus, FreezeAccount, OpenAccount, SetAccountFlag } from '@micropay/schemas/api/account'
import { SetPolicy } from '@micropay/schemas/api/approval'
import { MakePayment } from '@micropay/schemas/api/payment'
import { AccountId } from '@micropay/schemas/identifiers'
import type { LedgerCommand } from '@micropay/write-side/decide/decide'
import type { DrawnDay, Intent } from './intents.ts'
import type { Random } from './random.ts'

const customers = ['ada', 'ben', 'cid', 'dan', 'eve', 'fay']
const everybody = [...customers, 'bank']
/** It is named by legs of zero alone, so that everybody knows where it stands. */
const quiet = 'quiet'
/** The last one may give commands, and approves none. */
export const persons = ['operator:olga', 'operator:otto', 'operator:pia'] as const
export const mayApprove = (subject: string) => subject !== persons[2]

/** What nobody can do without, and a rule by which larger payments need two. */
export const openings: readonly Intent[] = [
  ...[...everybody, quiet].map((accountId) => ask(opening(accountId))),
  ask({ type: 'SetPolicy', data: SetPolicy.parse(above(350)) }),
]

/** What people do at the same time. */
export function mayHaveAnother({ does }: Intent): boolean {
  return does === 'refund' || does === 'approve' || does === 'refuse'
}

const draws: readonly { readonly weight: number; draw(random: Random): Intent }[] = [
  { weight: 39, draw: (random) => ask(paying(paymentOf(random))) },
  { weight: 8, draw: (random) => ({ does: 'pay on a day', payment: paymentOf(random), day: dayOf(random) }) },
  { weight: 15, draw: refundOf },
  {
    weight: 12,
    draw: (random) => ({ does: random.chance(0.93) ? 'approve' : 'approve what it was not', ...one(random) }),
  },
  { weight: 3, draw: (random) => ({ does: 'refuse', ...one(random) }) },
  { weight: 4, draw: closingOf },
  { weight: 2, draw: (random) => ({ does: 'reopen', ...one(random) }) },
  { weight: 1, draw: (random) => ask({ type: 'SetZone', data: { zone: random.pick(zones) } }) },
  { weight: 2, draw: (random) => ask({ type: 'SetPolicy', data: SetPolicy.parse(policyOf(random)) }) },
  {
    weight: 3,
    draw: (random) => ask(opening(random.chance(0.3) ? accountOf(random) : `new-${random.below(1_000)}`, random)),
  },
  { weight: 3, draw: (random) => ask(freezing(random)) },
  {
    weight: 6,
    draw: (random) => ask({ type: 'UnfreezeAccount', data: { ...ChangeStatus.parse({}), accountId: idOf(random) } }),
  },
  {
    weight: 1,
    draw: (random) => ask({ type: 'CloseAccount', data: { ...ChangeStatus.parse({}), accountId: idOf(random) } }),
  },
  {
    weight: 3,
    draw: (random) => ask({ type: 'ChangeAccount', data: { ...changeOf(random), accountId: idOf(random) } }),
  },
  {
    weight: 1,
    draw: (random) => ask({ type: 'SetAccountFlag', data: { ...flagOf(random), accountId: idOf(random) } }),
  },
]
const total = draws.reduce((sum, { weight }) => sum + weight, 0)

export function anyIntent(random: Random): Intent {
  let left = random.next() * total
  for (const { weight, draw } of draws) {
    left -= weight
    if (left < 0) return draw(random)
  }
  throw new RangeError('there is nothing to draw from')
}

function ask(command: LedgerCommand): Intent {
  return { does: 'ask', command }
}

function accountOf(random: Random): string {
  return random.chance(0.05) ? 'nobody' : random.pick(everybody)
}

const idOf = (random: Random) => AccountId.parse(accountOf(random))

/** Mostly of what is new, so that several meet. */
const one = (random: Random) => ({ nth: random.chance(0.8) ? random.below(4) : random.below(40) })

const zones = ['UTC', 'Asia/Tokyo', 'America/Bogota']
const times = ['00:00:00.000', '08:59:59.999', '12:00:00.000', '15:00:00.000', '23:59:59.999'] as const

function dayOf(random: Random): DrawnDay {
  return { daysBack: random.pick([-1, 0, 0, 1, 1, 1, 2, 3]), at: random.pick(times) }
}

function refundOf(random: Random): Intent {
  const draw = random.next()
  return {
    does: 'refund',
    ...one(random),
    of: draw < 0.86 ? 'a payment' : draw < 0.93 ? 'a refused payment' : 'whatever stands there',
    how: random.pick(['whole', 'a part', 'a part', 'by legs']),
    share: random.pick([0.3, 0.3, 0.6, 1, 1.2]),
    day: random.chance(0.15) ? dayOf(random) : undefined,
  }
}

function closingOf(random: Random): Intent {
  return {
    does: 'close',
    daysBack: random.pick([0, 1, 1, 1, 2, 3]),
    seen: random.chance(0.8) ? 'all' : 'not all',
    from: random.pick(['left out', 'left out', 'the next day', 'a later day']),
  }
}

function policyOf(random: Random) {
  if (random.chance(0.5)) return above(random.pick([150, 350, 600]))
  const command = random.pick([
    ...(['RefundPayment', 'RefundPayment', 'RefundPayment', 'ChangeAccount', 'ChangeAccount', 'ReopenPeriod'] as const),
    ...(['FreezeAccount', 'ClosePeriod', 'SetPolicy', 'OpenAccount'] as const),
  ])
  return { command, people: random.chance(0.4) ? 2 : 1 }
}

function above(minor: number) {
  return { command: 'MakePayment', people: 2, above: { amount: String(minor), currency: 'EUR' } }
}

function freezing(random: Random): LedgerCommand {
  const direction = random.pick(['outgoing', 'outgoing', 'all'])
  return { type: 'FreezeAccount', data: { ...FreezeAccount.parse({ direction }), accountId: idOf(random) } }
}

function changeOf(random: Random) {
  return random.chance(0.7)
    ? ChangeAccount.parse({ overdraftLimit: random.pick(['0', '200', '500', '500', '2000']) })
    : ChangeAccount.parse({ name: random.pick(['Rent', null]) })
}

function flagOf(random: Random) {
  return SetAccountFlag.parse({ flag: 'receivesFromCustomers', value: random.chance(0.7) })
}

function opening(accountId: string, random?: Random): LedgerCommand {
  const openedOn = random?.chance(0.3)
    ? random.pick(['2026-02-28', '2026-03-01', '2026-03-02'])
    : accountId === 'fay'
      ? '2026-02-28'
      : undefined
  const fields =
    accountId === 'bank'
      ? { type: 'external', currency: 'EUR', owner: 'house' }
      : { type: 'customer', currency: 'EUR', owner: 'customer:ada', overdraftLimit: '500', openedOn }
  return { type: 'OpenAccount', data: { ...OpenAccount.parse(fields), accountId: AccountId.parse(accountId) } }
}

function paying(payment: object): LedgerCommand {
  return { type: 'MakePayment', data: MakePayment.parse(payment) }
}

function paymentOf(random: Random): object {
  return random.chance(0.3) ? payingByLegs(random) : payingByPostings(random)
}

/**
 * Some accounts pay and others are paid, some twice and some nothing. Nobody knows what balances will be, so most
 * assertions fail; those of the quiet account do not.
 */
function payingByLegs(random: Random): object {
  const currency = random.chance(0.02) ? 'USD' : 'EUR'
  const payers = random.chance(0.3) ? ['bank'] : [random.pick(customers), random.pick(customers)]
  const payees = everybody.filter((accountId) => !payers.includes(accountId))
  const legs = [...payers, ...Array.from({ length: random.below(3) }, () => random.pick(payees))].map((account) => {
    const minor = random.chance(0.1) ? 0 : 1 + random.below(400)
    return { account, minor: payers.includes(account) ? -minor : minor, ...assertion(random) }
  })
  const over = legs.reduce((sum, { minor }) => sum + minor, 0)
  const last = { account: over > 0 ? String(payers[0]) : random.pick(payees), minor: 0 - over, ...assertion(random) }
  const still = random.chance(0.2) ? [{ account: quiet, minor: 0, stands: random.chance(0.9) ? '0' : '1' }] : []
  const asked = [...still, ...legs, last].map(({ minor, ...leg }) => ({ ...leg, amount: String(minor), currency }))
  return { legs: asked }
}

function assertion(random: Random): { readonly stands?: string } {
  return random.chance(0.03) ? { stands: String(random.below(500)) } : {}
}

function payingByPostings(random: Random): object {
  const postings = Array.from({ length: random.chance(0.8) ? 1 : 1 + random.below(3) }, () => {
    const from = random.chance(0.3) ? 'bank' : random.pick(customers)
    const to = random.pick(everybody.filter((accountId) => accountId !== from))
    const currency = random.chance(0.02) ? 'USD' : 'EUR'
    return { from, to, amount: String(1 + random.below(400)), currency }
  })
  return { postings }
}

/** A payment of which it is known that it can be made. */
export function probing(): Intent {
  return ask(paying({ postings: [{ from: 'bank', to: 'probe', amount: '1', currency: 'EUR' }] }))
}
